import type { Context } from "../../core/context.ts";
import { run } from "../../system/exec.ts";
import { sshOptionWords } from "./words.ts";

/** A name that no ssh_config has a `Host` for. */
const NOBODY = "pikaci-asks-for-nobody";

/**
 * Whether ssh's configuration knows this host: `ssh -G` then gives another answer than for a name that nobody has. False when
 * ssh cannot read its configuration. InfraError without ssh.
 */
export async function sshKnows(
  word: string,
  { env, signal }: Pick<Context, "env" | "signal">,
): Promise<boolean> {
  const ask = (name: string) =>
    run(["ssh", "-G", ...sshOptionWords(env.NIX_SSHOPTS), "--", name], { env, signal });
  const [asked, nobody] = await Promise.all([ask(word), ask(NOBODY)]);
  if (asked.exitCode !== 0 || nobody.exitCode !== 0) return false;
  return tellsMore(asked.stdout.toString("utf8"), word, nobody.stdout.toString("utf8"), NOBODY);
}

/** Whether two answers of `ssh -G` differ in more than the names that were asked for; pure. */
export function tellsMore(answer: string, name: string, other: string, otherName: string): boolean {
  const [lines, others] = [answer.split("\n"), other.split("\n")];
  return (
    lines.length !== others.length ||
    lines.some((line, index) => {
      const twin = others[index] ?? "";
      return line !== twin && line.replaceAll(name, "\0") !== twin.replaceAll(otherName, "\0");
    })
  );
}
