import { suite, type Test } from "uvu";
import { makeDirectory, removeWorkspaces } from "../workspace.ts";
import { type Lab, openLab } from "./lab.ts";
import { openRig, type Rig } from "./rig.ts";

export interface LabContext {
  lab: Lab;
  rigs: Rig[];
}

/** A suite with the lab's hosts and a place for sockets that no other suite uses. */
export function labSuite(name: string): Test<LabContext> {
  const test = suite<LabContext>(name);
  test.before(async (context) => {
    process.env.TMPDIR = makeDirectory();
    context.lab = await openLab();
    context.rigs = [];
  });
  test.after(async ({ lab, rigs }) => {
    for (const rig of rigs) rig.remove();
    await lab.stop();
    removeWorkspaces();
  });
  return test;
}

/** A project whose clients reach the lab's hosts, removed when the suite ends; `options` win over the lab's. */
export function openProject({ lab, rigs }: LabContext, options = ""): Rig {
  const rig = openRig({ NIX_SSHOPTS: `${options} ${lab.sshOptions}` });
  rigs.push(rig);
  return rig;
}
