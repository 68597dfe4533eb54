#!/bin/sh
# zod 4.6.7: z.toJSONSchema of a string with a regular expression that has flags. JSON Schema's `pattern` has none.
# Guess: it throws, as it does for other things that JSON Schema cannot express (`unrepresentable: "throw"` is the default),
#   or it rewrites the expression.
# Seen: the flag is dropped without a warning. An editor that uses the schema rejects `ABC`, which the program accepts.
# So: use no flags in a schema that is shipped for editors; write out both cases.
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
