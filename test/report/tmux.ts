import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { CLI, eventually, type Rig } from "../lab/rig.ts";

export interface Pane {
  /** All that was ever on the screen and is not erased, without the empty lines at the end. */
  screen(): string;
  press(key: string): void;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** Waits until the screen shows something; on a busy machine that may take long. */
  shows(text: string): Promise<string>;
  /** Waits until what runs there has given the terminal a title: what it wrote before is on the screen. */
  titled(title: string): Promise<string>;
  close(): void;
}

/** A command on a real terminal of a given size. */
export function openPane(command: string, columns: number, rows: number, cwd = process.cwd()): Pane {
  const socket = `pikaci-test-${randomUUID()}`;
  // tmux measures and prints characters by the locale, and a bare machine's environment has none.
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const tmux = (...args: string[]) =>
    execFileSync("tmux", ["-L", socket, "-f", "/dev/null", ...args], { encoding: "utf8", cwd, env });
  const size = (width: number, height: number) => ["-x", String(width), "-y", String(height)];
  tmux("new-session", "-d", ...size(columns, rows), `${command}; sleep 1000`);
  const pane: Pane = {
    screen: () => tmux("capture-pane", "-p", "-S", "-").trimEnd(),
    type: (text) => void tmux("send-keys", "-l", "--", text),
    press: (key) => void tmux("send-keys", key),
    resize: (width, height) => void tmux("resize-window", ...size(width, height)),
    shows: (text) =>
      eventually(`the screen shows ${text}`, 120, () => {
        const screen = pane.screen();
        return screen.includes(text) ? screen : null;
      }),
    titled: (title) =>
      eventually(`the terminal's title is ${title}`, 120, () => {
        const now = tmux("display-message", "-p", "#{pane_title}").trim();
        return now === title ? now : null;
      }),
    close: () => void tmux("kill-server"),
  };
  return pane;
}

/** pikaci on a terminal of 90 columns, with the terminal's mode before and after it, and the exit code. */
export function openClient({ env, dir }: Pick<Rig, "env" | "dir">, words: string): Pane {
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;
  const set = Object.entries(env).map(([name, value]) => quoted(`${name}=${value}`));
  const program = ["env", ...set, ...[process.execPath, ...CLI].map(quoted)].join(" ");
  return openPane(
    `stty -g >before; ${program} ${words}; echo code $?; stty -g >after; cmp before after && echo restored`,
    90,
    24,
    dir,
  );
}

/** Types a line, and waits until the screen shows something. */
export async function enterLine(pane: Pane, text: string, shown: string): Promise<void> {
  pane.type(text);
  pane.press("Enter");
  await pane.shows(shown);
}
