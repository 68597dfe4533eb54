#!/bin/sh
# zx 8.8.5 with dash, which is /bin/sh on Debian: a value with a space in a template.
# Guess: a value that zx quotes reaches the command unchanged in every POSIX shell that `$.shell` names.
# Seen: zx quotes in bash's form, `$'a b'`, and dash keeps the dollar sign: `$a b`.
# So: quote words for a remote /bin/sh in POSIX form.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund zx@8.8.5
cat >"$dir/see.mjs" <<'EOF'
import { $ } from "zx";
for (const shell of ["/bin/bash", "/bin/dash"]) {
  const { stdout } = await $({ shell, prefix: "" })`printf %s ${"a b"}`;
  console.log(stdout);
}
EOF
seen=$(node "$dir/see.mjs")
printf '%s\n' "$seen"
# shellcheck disable=SC2016  # what dash prints
[ "$seen" = 'a b
$a b' ]
