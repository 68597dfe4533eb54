import type { PikaciEvent } from "../../src/core/events.ts";
import { makeContext } from "../workspace.ts";
import { hashTree, hostSpec, publishOnce } from "./publish-rig.ts";

// A client to be killed: publish-client.ts URL TREE. Says `uploading` at the first progress, the outcome in the end.
const [url = "", tree = ""] = process.argv.slice(2);
const emit = (event: PikaciEvent) => {
  if (event.type === "upload-progress") process.stdout.write("uploading\n");
};
const context = { ...makeContext(process.env), emit };
const published = await publishOnce(hostSpec(url, null), await hashTree(tree, context), context);
process.stdout.write(`${published.outcome}\n`);
