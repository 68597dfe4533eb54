#!/bin/sh
# Meson 1.0.1 (Debian 12, meson), meson-logs/testlog.junit.xml: a test with `should_fail: true` that passes.
# Guess: a `<failure>`, since `meson test` counts it as an unexpected pass and exits with 1 for it.
# Seen: a plain test case, failures="0". The file is green, and the run is red.
# So: take the verdict from the exit code. An unexpected pass is told in testlog.json and on the terminal only.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
chmod 755 "$dir"
(cd "$dir" && apt-get download -qq meson=1.0.1-5 ninja-build=1.11.1-2~deb12u1 2>/dev/null &&
  for package in *.deb; do dpkg-deb -x "$package" .; done)
cat >"$dir/meson.build" <<'MESON'
project('x')
test('passes', find_program('true'), should_fail: true)
MESON
PYTHONPATH=$dir/usr/lib/python3/dist-packages PATH=$dir/usr/bin:$PATH
export PYTHONPATH PATH
meson() { /usr/bin/python3 -m mesonbuild.mesonmain "$@"; }
meson --version
meson setup "$dir/build" "$dir" >/dev/null
code=0
meson test -C "$dir/build" >"$dir/out" || code=$?
grep 'Unexpected Pass' "$dir/out"
cat "$dir/build/meson-logs/testlog.junit.xml"
failures=$(sed -n 's/.*<testsuites.* failures="\([0-9]*\)".*/\1/p' "$dir/build/meson-logs/testlog.junit.xml")
elements=$(grep -c '<failure' "$dir/build/meson-logs/testlog.junit.xml" || true)
echo
echo "exit $code; failures=\"$failures\", $elements <failure>"
[ "$code $failures $elements" = "1 0 0" ]
