import { existsSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { pack } from "tar-stream";
import { bytePath } from "../../src/core/byte-path.ts";
import { dataBytes } from "../../src/publish/sparse-map.ts";
import { tarChunks } from "../../src/publish/tar.ts";
import { bytesSource } from "../../src/publish/verified.ts";
import type { LabHost } from "../lab/lab.ts";
import { openRig, type Rig } from "../lab/rig.ts";

/** One answer of a host that lies: which frame is changed first, and how (hostile-shell.pl). */
interface Answer {
  readonly frame: string;
  readonly how: string;
  readonly bytes?: () => Buffer | Promise<Buffer>;
  /** The client goes on without it: the run says what its jobs said, and nothing lies where it should not. */
  readonly harmless?: true;
}

const text = (words: string) => () => Buffer.from(words);

interface Entry {
  readonly name: string;
  readonly type?: "file" | "symlink" | "link" | "character-device" | "fifo";
  readonly linkname?: string;
  readonly content?: string;
}

function tar(entries: readonly Entry[]): () => Promise<Buffer> {
  return () => {
    const archive = pack();
    for (const { name, type = "file", linkname, content = "" } of entries)
      archive.entry({ name, type, ...(linkname === undefined ? {} : { linkname }) }, content);
    archive.finalize();
    return buffer(archive);
  };
}

/** A header whose size, in base 256, is 2^62 bytes. */
async function enormous(): Promise<Buffer> {
  const archive = await tar([{ name: "big", content: "x" }])();
  archive.write("\x80\0\0\0\x40\0\0\0\0\0\0\0", 124, "latin1");
  archive.write("        ", 148, "latin1");
  const sum = archive.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  archive.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return archive;
}

/** A file with holes, and pieces of data where it says. */
function holes(
  size: number,
  ...pieces: readonly (readonly [offset: number, length: number])[]
): () => Buffer {
  const sparse = { size, data: pieces.map(([offset, length]) => ({ offset, length })) };
  const open = () => bytesSource(Buffer.alloc(dataBytes(sparse)));
  const item = { path: bytePath(Buffer.from("holes")), type: "file", size, sparse, open } as const;
  return () => Buffer.concat([...tarChunks([item], () => 32_768)]);
}

/** What a job of the run has said is `failed`; every answer but the harmless ones has to end the run by name. */
export const ANSWERS: Readonly<Record<string, Answer>> = {
  "a result for another run": {
    frame: "result",
    how: 'replace "run_id": ?"[^"]*" BY "run_id":"20200101T000000Z-00000000"',
  },
  "a result for another job": { frame: "result", how: 'replace "job": ?"[^"]*" BY "job":"other"' },
  "a result that was remembered": { frame: "result", how: 'replace "status": ?"[^"]*" BY "status":"cached"' },
  "a result of the future": { frame: "result", how: 'replace "schema_version": ?1 BY "schema_version":99' },
  "a result whose exit code is text": { frame: "result", how: 'replace "exit_code": ?1 BY "exit_code":"0"' },
  "a result that is no JSON": { frame: "result", how: "body", bytes: text("passed") },
  "a result that is cut": { frame: "result", how: "cut" },
  "a frame of another program": { frame: "result", how: "type", bytes: text("published") },
  "a frame of a billion bytes": { frame: "result", how: "raw", bytes: text("result 999999999\n{}") },
  "text instead of frames": { frame: "probe", how: "raw", bytes: text("Welcome!\n\x1b[31m::error::x\n") },
  "a probe that is no JSON": { frame: "probe", how: "body", bytes: text("\xff\0\n") },
  "a tree that is published in an unknown way": {
    frame: "published",
    how: "body",
    bytes: text("0".repeat(64)),
  },
  "a runner outside of the store": {
    ...{ frame: "probe|runner", how: "replace /nix/store/[a-z0-9]*-pikaci-runner-[a-z]* BY /etc/passwd" },
  },
  "artifacts that are no archive": { frame: "artifacts", how: "body", bytes: text("x".repeat(2000)) },
  "artifacts of enormous size": { frame: "artifacts", how: "body", bytes: enormous },
  "artifacts whose data overlaps": {
    ...{ frame: "artifacts", how: "body", bytes: holes(4096, [0, 1024], [512, 512]) },
  },
  "artifacts with more holes than a disk": {
    ...{ frame: "artifacts", how: "body", bytes: holes(2 ** 52, [2 ** 52 - 512, 512]) },
  },
  "artifacts outside of their directory": {
    ...{ frame: "artifacts", how: "body", harmless: true },
    bytes: tar([{ name: "../escaped" }, { name: "/tmp/pikaci-escaped" }, { name: "a/../../escaped" }]),
  },
  "artifacts through a link": {
    ...{ frame: "artifacts", how: "body", harmless: true },
    bytes: tar([
      { name: "out", type: "symlink", linkname: "../../.." },
      { name: "out/escaped", content: "x" },
    ]),
  },
  "artifacts that are devices": {
    ...{ frame: "artifacts", how: "body", harmless: true },
    bytes: tar([
      { name: "dev", type: "character-device" },
      { name: "fifo", type: "fifo" },
    ]),
  },
  "artifacts with a hard link out": {
    ...{ frame: "artifacts", how: "body", harmless: true },
    bytes: tar([{ name: "hard", type: "link", linkname: "../job.json" }]),
  },
};

/** sshd on a port of its own, which runs the hostile shell for every command. */
export async function startHostile(host: LabHost, shell: string): Promise<void> {
  const script = `
    mkdir -p /run/hostile /run/sshd && cat >/run/hostile/shell <<'END_OF_SHELL'
${shell}
END_OF_SHELL
    chmod 755 /run/hostile/shell && chmod 1777 /run/hostile
    setsid /usr/sbin/sshd -f /etc/ssh/sshd_config -E /var/log/hostile.log -o PidFile=/run/hostile/pid -p 2222 \
      -o ForceCommand=/run/hostile/shell </dev/null >/dev/null 2>&1`;
  const { exitCode, stderr } = await host.exec(script);
  if (exitCode !== 0) throw new Error(stderr);
}

export async function stopHostile(host: LabHost): Promise<void> {
  await host.exec('kill "$(cat /run/hostile/pid)"; rm -rf /run/hostile');
}

export function hostileProject(host: LabHost, sshOptions: string): Rig {
  const rig = openRig({ NIX_SSHOPTS: `-o HostKeyAlias=${host.address} ${sshOptions}` });
  rig.write({ file: "content\n" });
  rig.configure({
    hosts: { host: { url: `${host.url}:2222`, lease: "6s" } },
    jobs: { x: { command: "echo one >/artifacts/one; exit 1", runner: "sandbox" } },
  });
  return rig;
}

/** Runs with one answer forged; gives what is wrong. The job fails: a run that passes has believed its host too much. */
export async function tryAnswer(host: LabHost, rig: Rig, name: string): Promise<string[]> {
  const answer = ANSWERS[name];
  if (answer === undefined) throw new Error(`no answer ${name}`);
  const bytes = (await answer.bytes?.()) ?? Buffer.alloc(0);
  const told = Buffer.concat([Buffer.from(`${answer.frame}\n${answer.how}\n`), bytes]);
  await host.exec(
    `rm -f /run/hostile/done; echo ${told.toString("base64")} | base64 -d >/run/hostile/answer && chmod 644 /run/hostile/answer`,
  );
  rig.write({ file: `${name}\n` });
  const { code, stderr } = await rig.pikaci("run", "--on", "host");
  const record = rig.record();
  const { exitCode } = await host.exec("test -e /run/hostile/done");
  const expected = answer.harmless ? [1, 3] : [3];
  return [
    ...(exitCode === 0 ? [] : ["the host had no such answer to change"]),
    ...(expected.includes(code ?? -1) ? [] : [`exit ${code}: ${stderr.slice(-800)}`]),
    ...(/bug in pikaci|\n\s+at \S+ ?\(/.test(stderr) ? [`a fault: ${stderr.slice(-1500)}`] : []),
    ...(record.state === "finished" ? [] : [`the record says ${record.state}`]),
    ...escaped(rig),
  ];
}

/** Files that the archives name outside of a job's artifacts, and anything in them that is no file, link or directory. */
function escaped(rig: Rig): string[] {
  const names = readdirSync(rig.dir, { recursive: true, encoding: "utf8" });
  const outside = names.filter((name) => name.endsWith("escaped") || name.endsWith("/hard"));
  const special = names.filter((name) => {
    const stat = lstatSync(join(rig.dir, name));
    return stat.isCharacterDevice() || stat.isBlockDevice() || stat.isFIFO();
  });
  const absolute = existsSync("/tmp/pikaci-escaped") ? ["/tmp/pikaci-escaped"] : [];
  return [...outside, ...special, ...absolute].map((name) => `was made: ${name}`);
}
