import { has, type ProjectFiles } from "../files.ts";
import { type Look, onlyJob } from "../part.ts";
import { equip } from "../tool.ts";

/** `go.mod`: `go test`, its build cache and its modules kept from pass to pass. */
export const go: Look = ({ files, find, system }) => {
  if (files.text("go.mod") === null) return null;
  const network = needsModules(files);
  const job = {
    command: "go test -count=1 ./...",
    env: {
      GOCACHE: "/cache/go/build",
      GOMODCACHE: "/cache/go/modules",
      GOPATH: "/tmp/go",
      GOFLAGS: "-modcacherw",
      GOTOOLCHAIN: "local",
    },
    caches: ["go"],
    ...(network ? { network: "host" as const } : {}),
  };
  const equipped = equip(job, [{ program: "go", as: "go" }], find, system);
  const fetching = network
    ? "network: modules are fetched; `go mod vendor` in the tree makes it unnecessary, and then a pass is remembered"
    : "no network: every module is in the tree";
  return onlyJob("go", { ...equipped, notes: [...equipped.notes, fetching] }, "go.mod: `go test`");
};

/** Whether any module is neither the project's own nor in its tree. */
export function needsModules(files: ProjectFiles): boolean {
  return /^\s*require\b/m.test(files.text("go.mod") ?? "") && !has(files, "vendor/modules.txt");
}
