import { caseTwin } from "./case-twin.ts";
import { leavesWorkspace } from "./inside.ts";
import { formatPath } from "./issues.ts";
import type { Config } from "./schema.ts";

/** What is wrong with services beside their own form, each as `path: message`. */
export function serviceProblems({ jobs }: Pick<Config, "jobs">): string[] {
  return Object.entries(jobs).flatMap(([job, { services = {} }]) => {
    const names = Object.keys(services);
    return Object.entries(services).flatMap(([name, service], index) => {
      const place = ["jobs", job, "services", name];
      const twin = caseTwin(names, index);
      return [
        // Their logs are files of these names, and some file systems ignore case.
        ...(twin === undefined
          ? []
          : [`${formatPath(place)}: differs from ${JSON.stringify(twin)} by case only; rename one`]),
        ...(service.cwd !== undefined && leavesWorkspace(service.cwd)
          ? [`${formatPath([...place, "cwd"])}: must not leave /workspace by \`..\`; write an absolute path`]
          : []),
        ...(service.readyTimeout !== undefined && service.ready === undefined
          ? [
              `${formatPath([...place, "readyTimeout"])}: there is no \`ready\` to wait for; add it, or remove this`,
            ]
          : []),
      ];
    });
  });
}
