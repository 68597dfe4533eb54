import type { LabHost } from "../../../test/lab/lab.ts";

/** A way from a tree to a verdict: the words of a command that is run in the tree. */
export interface Way {
  readonly name: string;
  readonly words: readonly string[];
  /** Its runs are recorded in the tree, so their phases can be told. */
  readonly recorded: boolean;
  /** What the host does before it, unmeasured: a shell script. */
  readonly before: string | null;
  /** In addition to the environment of all. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * What this account does before it, unmeasured: an edit and a run a second before, so that there is no copy yet; or these by
   * another client, whose snapshot is then the newest.
   */
  readonly first?: "edit" | "foreign";
}

/** Of a large tree: without a copy that was made ahead, and where there is none yet, or one of another's snapshot. */
export function withoutCopy(cli: string): Way[] {
  const [plain, there] = [client("pikaci, no copies ahead", cli, "plain-there"), client("", cli, "there")];
  return [
    { ...plain, env: { PIKACI_COPY_AHEAD: "no" } },
    { ...there, name: "pikaci, a second after another edit", first: "edit" },
    { ...there, name: "pikaci, after a foreign snapshot", first: "foreign" },
  ];
}

/** The bundled command line `cli`; `on` is the configuration's name of the host. */
export function client(name: string, cli: string, on: string): Way {
  const words = [process.execPath, cli, "run", "--no-cache", "-q", "--on", on];
  return { name, words, recorded: true, before: null };
}

interface Link {
  /** The words of ssh up to the destination, and the destination. */
  readonly ssh: string;
  readonly to: string;
}

const IN_PLACE = "/root/bench/in-place";
const NEW_TREE = "/root/bench/new";
const PREVIOUS = "/root/bench/previous";
const PREPARE = `mkdir -p ${IN_PLACE}`;
const TURN = `mkdir -p ${NEW_TREE} && rm -rf ${PREVIOUS} && mv ${NEW_TREE} ${PREVIOUS} && mkdir ${NEW_TREE}`;

/**
 * As people type it: the tree, then the command in a sandbox. Each makes two connections but the second, whose own is the
 * master of both. `--fsync` waits for the disk, as pikaci does; `--link-dest` makes a new tree that shares what is unchanged,
 * as pikaci does.
 */
export function byHand({ host, sshOptions }: { readonly host: LabHost; readonly sshOptions: string }): Way[] {
  const link = { ssh: `ssh ${sshOptions}`, to: `${host.user}@${host.address}` };
  const way = (name: string, script: string, before = PREPARE): Way => {
    return { name, words: ["sh", "-ec", script], recorded: false, before };
  };
  return [
    way("rsync + ssh + bwrap", `${rsync(link, "", IN_PLACE)}\n${sandbox(link, IN_PLACE)}`),
    way("the same, one connection", overOneConnection(link)),
    way("rsync --fsync + ssh + bwrap", `${rsync(link, "--fsync", IN_PLACE)}\n${sandbox(link, IN_PLACE)}`),
    way(
      "rsync --link-dest + ssh + bwrap",
      `${rsync(link, `--link-dest=${PREVIOUS}`, NEW_TREE)}\n${sandbox(link, NEW_TREE)}`,
      TURN,
    ),
  ];
}

function rsync({ ssh, to }: Link, options: string, into: string): string {
  return `rsync -a --delete --exclude=/.git --exclude=/.pikaci ${options} -e "${ssh}" ./ ${to}:${into}/`;
}

function sandbox({ ssh, to }: Link, at: string): string {
  return `${ssh} ${to} "bwrap --unshare-all --die-with-parent --ro-bind / / --dev /dev --proc /proc --chdir ${at} sh -c 'echo hi'"`;
}

function overOneConnection({ ssh, to }: Link): string {
  const shared = { ssh: `${ssh} -S $socket`, to };
  return [
    "socket=/tmp/pikaci-bench-$$",
    `${shared.ssh} -M -f -N ${to}`,
    rsync(shared, "", IN_PLACE),
    sandbox(shared, IN_PLACE),
    `${shared.ssh} -O exit ${to} 2>/dev/null`,
  ].join("\n");
}
