import { randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Context } from "../src/core/context.ts";
import { PikaciError } from "../src/core/errors.ts";
import type { PikaciEvent } from "../src/core/events.ts";
import { makeRunId, parseHostUrl, type RunId } from "../src/core/ids.ts";
import type { Runner } from "../src/core/machine-shape.ts";
import type { PrepareSpec } from "../src/core/prepared.ts";
import type { HostSpec } from "../src/core/project.ts";
import type { Published } from "../src/core/snapshot.ts";
import { render } from "../src/guest/render.ts";
import { renderRunner } from "../src/guest/runner-flake.ts";
import { type PrepareOptions, prepare, type Realised } from "../src/nix/prepare.ts";
import { publish } from "../src/publish/publish.ts";
import type { Connection, ProgramName } from "../src/remote/connection.ts";
import { connectLocal } from "../src/remote/local.ts";
import { type HostSession, openSession } from "../src/remote/session.ts";
import { hash } from "../src/tree/hash.ts";
import { snapshot } from "../src/tree/snapshot.ts";
import { makeMemory } from "./workspace.ts";

/** A host with a work dir, and how this side sees its files. */
export interface RigHost {
  readonly spec: HostSpec;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** In front of the host's absolute paths; empty for this machine. */
  readonly root: string;
  connect(context: Context): Promise<Connection>;
}

export interface Rig {
  readonly host: RigHost;
  readonly workspace: string;
  readonly events: PikaciEvent[];
  readonly context: Context;
  /** Writes files of the workspace; a Buffer is executable. */
  write(files: Readonly<Record<string, string | Buffer>>): void;
  /** A run of its own: session, snapshot, publication, prepare. */
  prepare(
    wanted: Readonly<Record<string, PrepareSpec>>,
    options?: Partial<PrepareOptions>,
  ): Promise<Realised>;
  session(runId?: RunId): Promise<HostSession>;
  publish(session: HostSession): Promise<Published>;
  close(): void;
}

/** This machine as a host, in a fresh work dir. */
export function localHost(): RigHost & { close(): void } {
  const workDir = mkdtempSync(join(tmpdir(), "pikaci host '$(id)' "));
  const url = parseHostUrl("local");
  const spec = { name: "local", url, workDir, leaseMs: 6000 };
  const connect = async (context: Context) => connectLocal(spec, context.env);
  return { spec, env: process.env, root: "", connect, close: () => rmSync(workDir, { recursive: true }) };
}

let runs = 0;

export function newRunId(): RunId {
  runs += 1;
  return makeRunId(new Date(), (process.pid * 1000 + runs).toString(16).padStart(8, "0").slice(-8));
}

/** A fresh workspace (no git) in front of a host. */
export function openRig(host: RigHost, signal: AbortSignal = new AbortController().signal): Rig {
  const workspace = mkdtempSync(join(tmpdir(), "pikaci-workspace-"));
  const events: PikaciEvent[] = [];
  const stateDir = join(workspace, ".pikaci");
  const memoryDir = mkdtempSync(join(tmpdir(), "pikaci-memory-"));
  const memory = makeMemory(memoryDir);
  const emit = (event: PikaciEvent) => events.push(event);
  const context: Context = {
    author: "trusted",
    emit,
    signal,
    clock: () => new Date(),
    env: host.env,
    workspace,
    stateDir,
    memory,
  };
  const session = async (runId = newRunId()) => {
    const questions = { runId, projectId: "test", contentHash: null, runners: [], backends: [] };
    return openSession(await host.connect(context), questions, context);
  };
  const publishTree = async (opened: HostSession): Promise<Published> => {
    const tree = await snapshot({ workspace, filters: { include: [], exclude: [] } }, context);
    const hashed = await hash(tree, context);
    return publish(hashed, opened, { projectId: "test", repair: false }, context);
  };
  return {
    ...{ host, workspace, events, context, session, publish: publishTree },
    write: (files) => {
      for (const [name, content] of Object.entries(files)) {
        mkdirSync(dirname(join(workspace, name)), { recursive: true });
        writeFileSync(join(workspace, name), content, { mode: typeof content === "string" ? 0o644 : 0o755 });
      }
    },
    prepare: async (wanted, options = {}) => {
      const runId = newRunId();
      const opened = await session(runId);
      try {
        return await prepare(
          await publishTree(opened),
          [{ prepare: wanted }],
          opened,
          { runId, flakeFiles: [], ...options },
          context,
        );
      } finally {
        await opened.connection.close();
      }
    },
    close: () => {
      for (const directory of [workspace, memoryDir]) rmSync(directory, { recursive: true });
    },
  };
}

export const shape = { backend: "sandbox" } as const;

export interface RenderOnOptions {
  readonly repair?: boolean;
  /** As if the probe had not asked for the runner. */
  readonly unknown?: boolean;
  /** Between probe and render. */
  readonly before?: () => void;
  /** The only programs that may be started on the host. */
  readonly programs?: readonly ProgramName[];
}

/** A run of its own that renders the sandbox runner. */
export async function renderOn(rig: Rig, options: RenderOnOptions = {}): Promise<Runner> {
  const flake = renderRunner(shape);
  const connection = only(options.programs, await rig.host.connect(rig.context));
  const questions = {
    ...{ runId: newRunId(), projectId: "test", contentHash: null, backends: [] },
    runners: options.unknown === true ? [] : [flake.contentHash],
  };
  try {
    const session = await openSession(connection, questions, rig.context);
    options.before?.();
    return await render(flake, session, { repair: options.repair ?? false }, rig.context);
  } finally {
    await connection.close();
  }
}

function only(programs: readonly ProgramName[] | undefined, connection: Connection): Connection {
  if (programs === undefined) return connection;
  return {
    host: connection.host,
    standBy: () => {},
    isThere: () => connection.isThere(),
    nixStore: (scheme) => connection.nixStore(scheme),
    close: () => connection.close(),
    open: (program, ...rest) => {
      if (!programs.includes(program)) throw new Error(`the program ${program} was started`);
      return connection.open(program, ...rest);
    },
  };
}

/** The PikaciError that a promise ends with. */
export async function failure(promise: Promise<unknown>): Promise<PikaciError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof PikaciError) return error;
  throw new Error(`not a PikaciError: ${error}`);
}

export const installable = (text: string): PrepareSpec => ({ kind: "installable", installable: text });
export const clientPath = (path: string): PrepareSpec => ({ kind: "path", path });

/** A flake that needs nothing but itself and was never built: each output is a tree of symlinks to its `dir`. */
export function flakeOf(outputs: Readonly<Record<string, string>>, more = ""): string {
  const lines = Object.entries(outputs).map(([name, dir]) => `${name} = link "${name}" "\${self}/${dir}";`);
  return `{
  outputs = { self }:
    let
      system = "x86_64-linux";
      link = name: dir: derivation {
        inherit name; system = "builtin"; builder = "builtin:buildenv";
        derivations = [ "true" 5 1 dir ]; manifest = builtins.toFile "manifest" "\${name} ${randomUUID()}";
        allowSubstitutes = false; preferLocalBuild = true;
      };
      script = name: text: derivation {
        inherit name system; builder = "\${self}/tools/busybox"; args = [ "sh" "-c" text ];
        allowSubstitutes = false; preferLocalBuild = true;
      };
    in
    { packages.\${system} = { ${lines.join(" ")} ${more} }; };
}
`;
}
