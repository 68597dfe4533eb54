import type { Context } from "../../core/context.ts";
import { InfraError } from "../../core/errors.ts";
import type { HostUrl } from "../../core/ids.ts";
import type { HostSpec } from "../../core/project.ts";
import { type StreamProcess, start } from "../../system/exec.ts";
import { ProcessChannel, type ProcessExit } from "../channel.ts";
import type {
  Channel,
  Connection,
  OpenOptions,
  Params,
  ProgramName,
  StandingConnection,
} from "../connection.ts";
import type { CopyScheme } from "../copy-scheme.ts";
import { commandLine, loaded, STANDBY } from "../programs.ts";
import { backOff, programKilled, sessionRefused, sshError } from "./errors.ts";
import { type Master, startMaster } from "./master.ts";
import { socketBase, sweepSocketDirs } from "./socket.ts";
import { type WaitingChannel, WaitingChannels } from "./waiting-channels.ts";
import { channelWords, nixSshOptions, sshTarget } from "./words.ts";

/** sshd allows 10 sessions per connection; `nix copy` uses the other two. */
const CHANNELS_PER_MASTER = 8;
/** The session waits up to 20 s for this run's guards to end. */
const CLOSE_MS = 25_000;

/** Starts connecting over ssh and returns at once; what goes wrong is thrown by `open`. */
export async function connectSsh(host: HostSpec, context: Context): Promise<Connection> {
  const base = socketBase(context.env);
  await sweepSocketDirs(base, context.clock());
  return new SshConnection(host, base, context);
}

/** As `connectSsh`, for many runs, whose sessions are channels like any other; keeps some channels open ahead. */
export async function standSsh(host: HostSpec, context: Context): Promise<StandingConnection> {
  const base = socketBase(context.env);
  await sweepSocketDirs(base, context.clock());
  return new StandingSshConnection(host, base, context);
}

interface Slot {
  readonly master: Master;
  /** Sessions on this connection, its own included. */
  load: number;
}

/** A run of one job opens as many: session, publish, guard. */
const WAITING = 3;
/** After these a run opens a further program. */
const FOLLOWED: ReadonlySet<ProgramName> = new Set(["publish", "prepare", "runner"]);

class SshConnection implements Connection {
  readonly host: HostSpec;
  protected readonly first: Master;
  readonly #base: string;
  readonly #context: Context;
  readonly #slots: Slot[] = [];
  readonly #channels = new Set<Channel>();
  protected readonly waiting = new WaitingChannels(() => this.#openChannel());
  #session: "asked" | "not yet" = "not yet";
  #closing: Promise<void> | null = null;

  constructor(host: HostSpec, base: string, context: Context) {
    this.host = host;
    this.#base = base;
    this.#context = context;
    this.first = this.#addMaster().master;
  }

  async open(program: ProgramName, params: Params, options: OpenOptions = {}): Promise<Channel> {
    if (program === "session") return this.#openSession(params);
    if (this.#session === "not yet") throw new Error("a connection starts with openSession");
    return this.openProgram(program, params, options);
  }

  standBy(): void {
    this.waiting.fill(1);
  }

  isThere(): Promise<boolean> {
    return this.first.isThere();
  }

  nixStore(scheme: CopyScheme = "ssh") {
    const { env } = this.#context;
    const target = sshTarget(this.host.url);
    const words = nixSshOptions(target, this.first.socket());
    return { url: `${scheme}://${target.destination}`, env: { ...env, NIX_SSHOPTS: words } };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #openSession(params: Params): Promise<Channel> {
    if (this.#session === "asked") throw new Error("a connection has one session");
    this.#session = "asked";
    await this.first.channel.write(loaded("session", params));
    return this.first.channel;
  }

  #addMaster(): Slot {
    const slot = {
      master: startMaster(this.host, this.#base, this.#context.env, { heartbeat: true }),
      load: 1,
    };
    this.#slots.push(slot);
    return slot;
  }

  /** A connection with room for one more channel; opened when all are full. */
  #slot(): Slot {
    const free = this.#slots.find(({ load }) => load < CHANNELS_PER_MASTER);
    if (free !== undefined) return free;
    const added = this.#addMaster();
    void added.master.channel.write(held(this.host));
    return added;
  }

  protected async openProgram(program: ProgramName, params: Params, options: OpenOptions): Promise<Channel> {
    const ahead = await this.waiting.take();
    const { channel, use } = ahead ?? (await this.#openChannel());
    use(program, options);
    void channel.write(loaded(program, params));
    if (ahead !== null && FOLLOWED.has(program)) this.standBy();
    return channel;
  }

  /** A channel that waits for its program. */
  async #openChannel(): Promise<WaitingChannel> {
    const slot = this.#slot();
    slot.load += 1;
    const leave = () => {
      slot.load -= 1;
    };
    await slot.master.ready.catch((error: unknown) => {
      leave();
      throw error;
    });
    if (this.#closing !== null) throw closed(this.host.url);
    const opened = this.#wait(slot.master);
    const { channel } = opened;
    this.#channels.add(channel);
    const forget = () => {
      this.#channels.delete(channel);
      leave();
    };
    channel.closed.then(forget, forget);
    return opened;
  }

  #wait(master: Master): WaitingChannel {
    const { url } = this.host;
    const words = channelWords(sshTarget(url), master.socket(), commandLine(STANDBY.length));
    let program: ProgramName | "none yet" = "none yet";
    let told: OpenOptions["onStderr"];
    const source = {
      label: `a program on ${url}`,
      spawn: () => start(words, { env: this.#context.env, detached: true }),
      explain: (exit: ProcessExit) => this.#explain(program, master, exit),
      retryAfter: ({ stderr }: ProcessExit, attempt: number) =>
        sessionRefused(stderr) ? backOff(attempt, Math.random()) : null,
      kill: endClient,
    };
    const channel = new ProcessChannel(source, Buffer.from(STANDBY), { onStderr: (line) => told?.(line) });
    const use = (name: ProgramName, { heartbeat, onStderr }: OpenOptions) => {
      program = name;
      source.label = `the program \`${name}\` on ${url}`;
      told = onStderr;
      if (heartbeat === true) channel.beat();
    };
    return { channel, use };
  }

  /** Tells a lost connection from a program that a signal ended on the host: ssh ends in the same way for both. */
  async #explain(program: string, master: Master, { code, stderr }: ProcessExit) {
    if (code !== null && code < 128) return null;
    if (sessionRefused(stderr)) return sshError(this.host.url, stderr, "opening");
    return (await master.lost()) ?? programKilled(program, this.host.url, stderr);
  }

  async #close(): Promise<void> {
    for (const channel of this.#channels) channel.kill();
    const masters = this.#slots.map(({ master }) => master);
    for (const { channel } of masters) {
      if (channel.hasAnswered()) channel.end();
      else channel.kill();
    }
    const ended = Promise.allSettled(masters.map(({ channel }) => channel.closed));
    const timer = setTimeout(() => {
      for (const { channel } of masters) channel.kill();
    }, CLOSE_MS);
    await ended;
    clearTimeout(timer);
    for (const master of masters) master.destroy();
  }
}

function closed(url: HostUrl): InfraError {
  return new InfraError("network", `the connection to ${url} is closed`);
}

/** Its first session only holds the connection. */
class StandingSshConnection extends SshConnection implements StandingConnection {
  readonly ready: Promise<void>;
  readonly ended: Promise<void>;

  constructor(host: HostSpec, base: string, context: Context) {
    super(host, base, context);
    const { channel, ready } = this.first;
    this.ready = ready;
    this.ended = channel.closed.then(
      () => {},
      () => {},
    );
    void channel.write(held(host));
    ready.then(
      () => this.prepare(),
      () => {},
    );
  }

  override async open(program: ProgramName, params: Params, options: OpenOptions = {}): Promise<Channel> {
    return this.openProgram(program, params, options);
  }

  prepare(): void {
    this.waiting.fill(WAITING);
  }
}

/** What a master's session is given that only holds its connection. */
function held({ leaseMs }: HostSpec): Buffer {
  return loaded("hold", { lease_ms: String(leaseMs) });
}

/** The multiplexing client only; the master then closes the channel, so that the program sees EOF. */
function endClient(child: StreamProcess): void {
  child.stdin.destroy();
  child.stdout.destroy();
  child.stderr.destroy();
  child.kill("SIGKILL");
}
