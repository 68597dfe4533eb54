#!/bin/sh
# CTest 3.25.1 (Debian 12, cmake), `--output-junit`: a test whose program is not there, beside one that fails.
# Guess: both are failures in the file, as both are in CTest's own summary and make it exit with 8.
# Seen: only the one that ran is a `<failure>`; the other is `status="notrun"` with `<skipped>`, and `failures="1"`.
# So: a reader that counts failures says that less failed than CTest does. What was not run has to be looked at, and is a
#   failure unless its message begins with SKIP_ (a test that skipped itself).
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq cmake=3.25.1-1 cmake-data=3.25.1-1 libjsoncpp25=1.9.5-4 librhash0=1.4.3-3 \
  libuv1=1.44.2-1+deb12u1 libarchive13=3.6.2-1+deb12u5 libcurl4=7.88.1-10+deb12u15 2>/dev/null &&
  for package in *.deb; do dpkg-deb -x "$package" .; done)
LD_LIBRARY_PATH="$dir/usr/lib/x86_64-linux-gnu:${LD_LIBRARY_PATH:-}"
export LD_LIBRARY_PATH
mkdir "$dir/build"
cat >"$dir/build/CTestTestfile.cmake" <<'CTEST'
add_test(passes "/bin/true")
add_test(fails "/bin/false")
add_test(absent "/no/such/program")
CTEST
cd "$dir/build"
"$dir/usr/bin/ctest" --version | head -n 1
code=0
"$dir/usr/bin/ctest" --output-junit "$dir/out.xml" >"$dir/out" 2>&1 || code=$?
grep 'tests passed' "$dir/out"
cat "$dir/out.xml"
failures=$(grep -c '<failure' "$dir/out.xml")
skipped=$(grep -c '<skipped' "$dir/out.xml")
total=$(sed -n 's/.*failures="\([0-9]*\)".*/\1/p' "$dir/out.xml" | head -n 1)
said=$(sed -n 's/.*, \([0-9]*\) tests* failed out of.*/\1/p' "$dir/out")
echo "exit $code, CTest says $said failed; file: failures=\"$total\", $failures <failure>, $skipped <skipped>"
[ "$code $said $total $failures $skipped" = "8 2 1 1 1" ]
