#!/bin/sh
# zod 4.6.7: a record of names to numbers, and JSON in which one of the names is `__proto__`.
# Guess: JSON.parse gives it as an own key, so a record keeps it, or refuses it as a strict object does.
# Seen: the parse succeeds and the key is gone; a strict object names it as unrecognized.
# So: a map whose keys are users' words is read as a record only where a lost entry is harmless.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund zod@4.6.7
cat >"$dir/see.mjs" <<'EOF'
import { z } from "zod";
const data = JSON.parse('{ "__proto__": 1, "b": 2 }');
console.log(Object.keys(data).join(" "));
console.log(JSON.stringify(z.record(z.string(), z.number()).safeParse(data)));
console.log(z.strictObject({ b: z.number() }).safeParse(data).error.issues[0].message);
EOF
seen=$(node "$dir/see.mjs")
printf '%s\n' "$seen"
[ "$seen" = '__proto__ b
{"success":true,"data":{"b":2}}
Unrecognized key: "__proto__"' ]
