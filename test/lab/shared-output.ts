import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "./lab.ts";
import { openRig, type Rig } from "./rig.ts";

/** A flake without nixpkgs: its builder is a static busybox that lies in it; `first` is shell run in the build. */
export function toolFlake(first = ""): string {
  return `{
  outputs = { self }: let busybox = "\${./tools}/busybox"; in {
    packages.x86_64-linux.tool = derivation {
      name = "tool";
      system = "x86_64-linux";
      builder = busybox;
      args = [ "sh" "-c" "${first}\${busybox} mkdir -p $out/bin; echo 'echo tool of $(cat /workspace/file)' > $out/bin/tool; \${busybox} chmod +x $out/bin/tool" ];
      allowSubstitutes = false;
      preferLocalBuild = true;
    };
  };
}
`;
}

/** A project with two jobs that share one prepared output, configured for every host of the lab. */
export function sharedOutputProject(lab: Lab, file: string, env: Readonly<Record<string, string>> = {}): Rig {
  const rig = openRig({ NIX_SSHOPTS: lab.sshOptions, ...env });
  rig.write({ "flake.nix": toolFlake(), file });
  mkdirSync(join(rig.dir, "tools"));
  copyFileSync("/bin/busybox", join(rig.dir, "tools/busybox"));
  const job = { command: ["sh", "/prepared/tool/bin/tool"], prepare: { tool: ".#tool" } };
  rig.configure({
    project: "lab",
    hosts: Object.fromEntries(lab.hosts.map(({ name, url }) => [name, { url, lease: "6s" }])),
    flake: { files: ["flake.nix", "tools/**"] },
    jobs: { a: job, b: job },
    targets: { both: { jobs: ["a", "b"] } },
    defaultTarget: "both",
  });
  return rig;
}
