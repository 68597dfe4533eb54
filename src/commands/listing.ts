import type { Listed } from "./invocation.ts";

/** The commands in the order of `pikaci --help`; what is not called is not loaded. */
export const COMMANDS: Readonly<Record<string, Listed>> = {
  run: {
    usage: "run [target]",
    describe: "Run jobs on a host and fetch their results",
    load: () => import("./run.ts"),
  },
  plan: {
    usage: "plan [target]",
    describe: "Show what run would do",
    load: () => import("./plan.ts"),
  },
  attach: {
    usage: "attach [run]",
    describe: "Follow a run that goes on without a client, and fetch its results",
    load: () => import("./attach.ts"),
  },
  shell: {
    usage: "shell <job>",
    describe: "Open a shell in the guest that a job would get",
    load: () => import("./shell.ts"),
  },
  cancel: {
    usage: "cancel <run>",
    describe: "End a run, and say when nothing of it is left",
    load: () => import("./cancel.ts"),
  },
  rerun: {
    usage: "rerun [run]",
    describe: "Run the very snapshot of an earlier run again",
    load: () => import("./rerun.ts"),
  },
  why: {
    usage: "why <job>",
    describe: "Say why a job will run, or why its verdict is known",
    load: () => import("./why.ts"),
  },
  doctor: {
    usage: "doctor",
    describe: "Look for what would fail a run, here and on hosts",
    load: () => import("./doctor.ts"),
  },
  gc: {
    usage: "gc",
    describe: "Remove what is not needed any more, here and on hosts",
    load: () => import("./gc.ts"),
  },
  pin: {
    usage: "pin <run>",
    describe: "Keep a run and its snapshot from being collected",
    load: () => import("./pin.ts"),
  },
  list: {
    usage: "list",
    describe: "List the workspace's runs, newest first",
    load: () => import("./list.ts"),
  },
  status: { usage: "status [run]", describe: "Show one run", load: () => import("./status.ts") },
  logs: {
    usage: "logs [run]",
    describe: "Print the logs of a run",
    load: () => import("./logs.ts"),
  },
  report: {
    usage: "report [run]",
    describe: "Write a run's report: one HTML file",
    load: () => import("./report.ts"),
  },
  compare: {
    usage: "compare <before> <after>",
    describe: "Show what became of jobs from one run to another",
    load: () => import("./compare.ts"),
  },
  snapshot: {
    usage: "snapshot",
    describe: "Hash the workspace as it is now",
    load: () => import("./snapshot.ts"),
  },
  render: { usage: "render", describe: "Write a runner's flake", load: () => import("./render.ts") },
  publish: {
    usage: "publish",
    describe: "Put the workspace on a host, run nothing",
    load: () => import("./publish.ts"),
  },
  copy: {
    usage: "copy [paths..]",
    describe: "Copy store paths to a host, from one, or between two",
    load: () => import("./copy.ts"),
  },
  init: {
    usage: "init",
    describe: "Write a configuration for the project as it is",
    load: () => import("./init.ts"),
  },
  completion: {
    usage: "completion <shell>",
    describe: "Print shell completion, or the manual page",
    load: () => import("./completion.ts"),
  },
};
