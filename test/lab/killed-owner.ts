// What owner.test.ts kills: opens a lab with everything in use, says what there is, and never ends.
import { spawn } from "node:child_process";
import { openLab } from "./lab.ts";

const lab = await openLab();
await lab.single.delay(10);
for (const { user, address } of lab.hosts) {
  spawn("ssh", [...lab.sshOptions.split(" "), `${user}@${address}`, "sleep 4321"], { stdio: "ignore" });
}
const hosts = lab.hosts.map(({ rootDir, address }) => ({ rootDir, address }));
process.stdout.write(`${JSON.stringify({ hosts, sshOptions: lab.sshOptions })}\n`);
setInterval(() => {}, 1000);
