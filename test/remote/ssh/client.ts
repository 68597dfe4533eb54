import { connect } from "../../../src/remote/connect.ts";
import { openSession } from "../../../src/remote/session.ts";
import { newRunId } from "../../../src/system/run-id.ts";
import { hostSpec } from "../../publish/publish-rig.ts";
import { makeContext } from "../../workspace.ts";

// A client to be killed: ssh-client.ts URL. Opens a session and a channel, says `ready`, and stays; on SIGINT
// it opens one more channel and says `alive`.
const context = makeContext(process.env);
const connection = await connect(hostSpec(process.argv[2] ?? "", null), context);
const runId = newRunId(new Date());
await openSession(
  connection,
  { runId, projectId: "p", contentHash: null, runners: [], backends: [] },
  context,
);

async function open(): Promise<void> {
  const channel = await connection.open("hold", { lease_ms: "6000" }, { heartbeat: true });
  for await (const _ of channel.frames()) return;
}

process.on("SIGINT", async () => {
  await open();
  process.stdout.write("alive\n");
});
await open();
process.stdout.write("ready\n");
setInterval(() => {}, 1000);
