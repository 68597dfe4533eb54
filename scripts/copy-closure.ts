#!/usr/bin/env -S npx tsx
import { parseArgs } from "node:util";
import { echo } from "zx";
import { UsageError } from "../src/core/errors.ts";
import { parseHostUrl, parseStorePath } from "../src/core/ids.ts";
import { copyClosure } from "../src/nix/client.ts";
import { sshOptionWords, sshTarget } from "../src/remote/ssh/words.ts";
import { failWith } from "./ended.ts";

const HELP = `Usage: copy-closure.ts --to ssh://[USER@]HOST[:PORT] STORE_PATH...

Copies store paths of this machine, with all they refer to, into a host's store, as \`pikaci run\` does for
client paths, and prints JSON. Content-addressed paths need no signature; others need one that the host trusts,
or an account that it trusts. NIX_SSHOPTS is followed.

Exit codes: 0 copied, 2 usage, 3 this machine or the network, 4 host key or signature not trusted.
Example: npx tsx scripts/copy-closure.ts --to ssh://ci@builder $(nix store add-path ./node_modules)`;

async function main(to: string | undefined, paths: readonly string[]): Promise<void> {
  if (to === undefined || paths.length === 0)
    throw new UsageError("a host and a store path are needed", { hint: "`--help` shows an example" });
  const url = parseHostUrl(to);
  if (url === "local") throw new UsageError("this machine has its own paths", { hint: "`--to ssh://HOST`" });
  const storePaths = paths.map(parseStorePath);
  const { destination, port } = sshTarget(url);
  const words = [
    ...(port === null ? [] : ["-p", port]),
    ...sshOptionWords(process.env.NIX_SSHOPTS),
    ...["-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=10"],
  ];
  const store = { url: `ssh://${destination}`, env: { NIX_SSHOPTS: words.join(" ") } };
  await copyClosure(storePaths, store, { env: process.env, signal: new AbortController().signal });
  echo(JSON.stringify({ host: url, store_paths: storePaths }, null, 2));
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { to: { type: "string" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) echo(HELP);
  else await main(values.to, positionals);
} catch (error) {
  failWith(error, HELP);
}
