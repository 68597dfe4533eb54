import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { must } from "./command.ts";
import type { Lab, LabHost } from "./lab.ts";
import type { ManyReport, ManyRequest } from "./many-client.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const [NEAR, FAR] = ["10.78.0.1", "10.78.0.2"];

/** A machine with the built package and `many-client.js`, and how it reaches the host. */
export interface ClientMachine {
  /** Where its files are made, as this side sees them, and as it sees them itself. */
  readonly outside: string;
  readonly inside: string;
  /** Runs clients in one process. */
  publish(tasks: ManyRequest["tasks"]): Promise<ManyReport>;
}

/** What an installed package holds, but for `dist`. */
export function copyPackage(dir: string): void {
  for (const name of [
    "package.json",
    "nix",
    "schema",
    "src/host",
    "node_modules/blake3",
    "node_modules/@napi-rs",
  ])
    cpSync(join(ROOT, name), join(dir, name), { recursive: true });
}

/** Builds what an installed package holds, and the client beside it, into `dir`. */
export async function buildPackage(dir: string): Promise<void> {
  copyPackage(dir);
  const { build } = await import("esbuild");
  const script = ["--import", import.meta.resolve("tsx"), join(ROOT, "scripts/build.ts")];
  execFileSync(process.execPath, [...script, "--out", join(dir, "dist")], { stdio: "pipe" });
  const client = join(ROOT, "test/lab/many-client.ts");
  const options = { format: "esm", platform: "node", logLevel: "warning" } as const;
  await build({ entryPoints: [client], outfile: join(dir, "many-client.mjs"), ...options });
}

/** This machine: the package lies in `dir`. */
export function thisMachine(lab: Lab, host: LabHost, dir: string): ClientMachine {
  const env = ["env", `NIX_SSHOPTS=${lab.sshOptions}`, `TMPDIR=${dir}`, process.execPath];
  const run = async (words: readonly string[]) => must("env", [...env.slice(1), ...words]);
  return machine(host.url, dir, dir, run);
}

/** A second host of the lab as a machine of clients: node and the package copied there, a wire of its own to `host`. */
export async function secondMachine(
  lab: Lab,
  from: LabHost,
  host: LabHost,
  dir: string,
): Promise<ClientMachine> {
  const outside = join(from.rootDir, "clients");
  cpSync(dir, outside, { recursive: true });
  cpSync(realpathSync(process.execPath), join(outside, "node"));
  await wire(from, host);
  const keys = dirname(lab.sshOptions.replace(/^-F /, ""));
  for (const name of ["client", "known_hosts"])
    writeFileSync(join(outside, name), readFileSync(join(keys, name)), { mode: 0o600 });
  const config = `Host *\nIdentityFile /clients/client\nIdentitiesOnly yes\nUserKnownHostsFile /clients/known_hosts\nHostKeyAlias ${host.address}\n`;
  writeFileSync(join(outside, "ssh_config"), config);
  const run = async (words: readonly string[]) => {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const { stdout, stderr, exitCode } = await from.exec(
      `NIX_SSHOPTS='-F /clients/ssh_config' /clients/node ${quoted}`,
    );
    if (exitCode !== 0) throw new Error(`clients on ${from.name}: ${stderr}`);
    return stdout;
  };
  return machine(`ssh://${host.user}@${NEAR}`, outside, "/clients", run);
}

function machine(
  url: string,
  outside: string,
  inside: string,
  run: (words: readonly string[]) => Promise<string>,
): ClientMachine {
  const publish = async (tasks: ManyRequest["tasks"]) => {
    const request: ManyRequest = { url, library: `${inside}/dist/index.js`, tasks };
    return JSON.parse(await run([`${inside}/many-client.mjs`, JSON.stringify(request)])) as ManyReport;
  };
  return { outside, inside, publish };
}

/** A direct link between two hosts; it ends with them. */
async function wire(from: LabHost, to: LabHost): Promise<void> {
  const [a, b] = [from, to].map(({ rootDir }) => basename(dirname(rootDir))) as [string, string];
  await must("ip", [
    "link",
    "add",
    "clients0",
    "netns",
    a,
    "type",
    "veth",
    "peer",
    "name",
    "clients0",
    "netns",
    b,
  ]);
  for (const [pid, address] of [
    [a, FAR],
    [b, NEAR],
  ] as const)
    await must(
      "nsenter",
      ["--target", pid, "--net", "ip", "-batch", "-"],
      `addr add ${address}/30 dev clients0\nlink set clients0 up\n`,
    );
}

/** `count` workspaces on a machine, each a copy of `tree`, all of the project `project`; their paths as it sees them. */
export function makeClients(on: ClientMachine, tree: string, name: string, count: number): string[] {
  return Array.from({ length: count }, (_, number) => {
    const place = join("work", `${name}-${number}`, "project");
    const made = join(on.outside, place);
    rmSync(made, { recursive: true, force: true });
    mkdirSync(dirname(made), { recursive: true });
    execFileSync("cp", ["-a", "--", tree, made]);
    return join(on.inside, place);
  });
}
