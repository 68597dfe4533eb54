#!/bin/sh
# mocha 11.8.0 and its reporter `xunit`: one test that passes, one whose assertion fails.
# Guess: the suite says failures="1" errors="0", since the failed test is a <failure>.
# Seen: failures="0" errors="1" above a test case with a <failure>.
# So: a reader of JUnit files has to count elements, and must not trust the suite's numbers.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund mocha@11.8.0
cat >"$dir/two.cjs" <<'EOF'
it("passes", () => {});
it("fails", () => require("node:assert").strictEqual(1, 2));
EOF
xml=$("$dir/node_modules/.bin/mocha" --reporter xunit "$dir/two.cjs" || true)
seen=$(printf '%s\n' "$xml" | grep -o -e ' failures="[0-9]*"' -e ' errors="[0-9]*"' -e '<failure>')
printf '%s\n' "$seen"
[ "$seen" = ' failures="0"
 errors="1"
<failure>' ]
