import type { ChildProcess } from "node:child_process";

/** The first line that a process prints on stdout; fails when it ends before. */
export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (part: Buffer) => {
      text += part.toString();
      const [line = "", ...rest] = text.split("\n");
      if (rest.length > 0) resolve(line);
    });
    child.once("exit", (code) => reject(new Error(`ended with ${code} before its first line`)));
  });
}
