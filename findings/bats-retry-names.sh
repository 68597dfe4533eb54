#!/bin/sh
# bats 1.8.2 (Debian 12, bats), `--formatter junit` with BATS_TEST_RETRIES=1: three tests, of which the first passes, the
#   second never does, and the third does on its second try. `--report-formatter junit` writes the same.
# Guess: a test case for each test, by its name, with what came of its last try.
# Seen: five test cases. `never` is there as passed, and once more as `begin 2 never`, failed. `late` is there only as
#   `begin 3 late`, failed and then passed. bats exits with 1, and its TAP output is right.
# So: with retries, read bats' TAP. In the JUnit file, a test that never passed is green under its own name.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq bats=1.8.2-1 2>/dev/null && dpkg-deb -x bats_1.8.2-1_all.deb .)
bats=$dir/usr/bin/bats
cat >"$dir/tries.bats" <<'BATS'
BATS_TEST_RETRIES=1
@test "first" { true; }
@test "never" { false; }
@test "late" {
  [ -e "$BATS_FILE_TMPDIR/seen" ] || touch "$BATS_FILE_TMPDIR/seen" /no/such/directory
}
BATS
"$bats" --version
code=0
"$bats" --formatter junit "$dir/tries.bats" >"$dir/out.xml" || code=$?
sed "s|$dir|DIR|g" "$dir/out.xml"
tap=$("$bats" --formatter tap "$dir/tries.bats" | sed -n 's/^\(not \)*ok.*/&,/p' | tr -d '\n')
names=$(sed -n 's/.*<testcase.* name="\([^"]*\)".*/\1/p' "$dir/out.xml" | tr '\n' ',')
echo "exit $code; TAP: $tap; test cases: $names"
[ "$tap" = "ok 1 first,not ok 2 never,ok 3 late," ]
[ "$code $names" = "1 first,never,begin 2 never,begin 3 late,begin 3 late," ]
