import { InfraError } from "../core/errors.ts";
import { capture, type Env } from "./exec.ts";

/** Shows a file, or an address, by the program that the desktop has for it. InfraError. */
export async function openInBrowser(file: string, env: Env): Promise<void> {
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  const { exitCode, stderr } = await capture([opener, file], { env });
  if (exitCode !== 0)
    throw new InfraError(
      "client",
      `\`${opener}\` could not show it: ${stderr.trim() || `exit ${exitCode}`}`,
      {
        hint: `open ${file} in a browser yourself`,
      },
    );
}
