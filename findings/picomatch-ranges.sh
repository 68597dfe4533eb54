#!/bin/sh
# picomatch 4.0.7 beside minimatch 11.0.9 and bash, with the braces of sh and with a bracket that holds a slash.
# Guess: `{1..12}` are twelve numbers everywhere; a bracket in a path never matches a slash, as in git and sh.
# Seen: picomatch takes `{1..12}` for the class [1-12], which matches 2 and not 7 or 12, without a word; also with
#   `posix: true`, `dir[/]c` matches dir/c.
# So: globs that mean something in git and sh are matched by minimatch.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund picomatch@4.0.7 minimatch@11.0.9
cat >"$dir/see.mjs" <<'EOF'
import { minimatch } from "minimatch";
import picomatch from "picomatch";
for (const [glob, name] of [["{1..12}", "2"], ["{1..12}", "7"], ["{1..12}", "12"], ["dir[/]c", "dir/c"]])
  console.log(glob, name, picomatch.isMatch(name, glob, { posix: true }), minimatch(name, glob));
EOF
seen=$(node "$dir/see.mjs")
printf 'glob name picomatch minimatch\n%s\nbash: %s\n' "$seen" "$(bash -c 'echo {1..12}')"
[ "$seen" = '{1..12} 2 true true
{1..12} 7 false true
{1..12} 12 false true
dir[/]c dir/c true false' ]
