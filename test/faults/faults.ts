import type { FaultName } from "./grid.ts";
import { newestShell } from "./remote.ts";
import type { Scene } from "./scene.ts";

export interface Fault {
  inject(scene: Scene): Promise<void>;
  /** Ends the fault; the next publication follows. */
  lift(scene: Scene): Promise<void>;
  /** What becomes of the publisher: it goes on until it ends, it is dead, or it stays stopped while the next one works. */
  readonly publisher: "goes on" | "dead" | "stopped";
}

const nothing = async () => {};

export const FAULT: Readonly<Record<FaultName, Fault>> = {
  "kill-client": {
    inject: async ({ publisher }) => publisher.signal("SIGKILL"),
    lift: nothing,
    publisher: "dead",
  },
  "stop-client": {
    inject: async ({ publisher }) => publisher.signal("SIGSTOP"),
    lift: nothing,
    publisher: "stopped",
  },
  "kill-shell": {
    inject: ({ site }) => must(site, `kill -KILL ${newestShell(site.host)}`),
    lift: nothing,
    publisher: "goes on",
  },
  cut: {
    inject: ({ site }) => site.host.cut(),
    lift: ({ site }) => site.host.restore(),
    publisher: "goes on",
  },
  "full-disk": {
    inject: ({ site, workDir: dir }) =>
      must(site, `head -c 1G /dev/zero >${dir}/fill 2>/dev/null; [ "$(stat -f -c %f ${dir})" = 0 ]`),
    lift: ({ site, workDir }) => must(site, `rm ${workDir}/fill`),
    publisher: "goes on",
  },
  // A second mount on top: what is open stays writable, as it would otherwise forbid the change; every path is not.
  "read-only": {
    inject: ({ site, workDir: dir }) =>
      must(site, `mount --bind ${dir} ${dir} && mount -o remount,bind,ro ${dir}`),
    lift: ({ site, workDir }) => must(site, `umount -l ${workDir}`),
    publisher: "goes on",
  },
};

async function must({ host }: Scene["site"], script: string): Promise<void> {
  const { exitCode, stderr } = await host.exec(script);
  if (exitCode !== 0) throw new Error(`${script}: ${stderr}`);
}
