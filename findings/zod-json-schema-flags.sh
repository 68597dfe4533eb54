#!/bin/sh
# zod 4.6.7: z.toJSONSchema of a string with a regular expression that has flags. JSON Schema's `pattern` has none.
# Guess: it throws, as for what JSON Schema cannot say (`unrepresentable: "throw"` is the default), or rewrites it.
# Seen: the flag is dropped. An editor with the schema refuses `ABC`, which the program takes.
# So: a schema that is shipped for editors has no flags; write both cases out.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
npm install --prefix "$dir" --silent --no-audit --no-fund zod@4.6.7
cat >"$dir/see.mjs" <<'EOF'
import { z } from "zod";
const schema = z.string().regex(/^abc$/i);
const { pattern } = z.toJSONSchema(schema);
console.log(schema.safeParse("ABC").success, pattern, new RegExp(pattern, "u").test("ABC"));
EOF
seen=$(node "$dir/see.mjs")
printf '%s\n' "$seen"
# shellcheck disable=SC2016  # a regular expression
[ "$seen" = 'true ^abc$ false' ]
