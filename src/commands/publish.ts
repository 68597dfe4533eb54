import { loadProjectOrBare } from "../config/bare.ts";
import { selectHost } from "../config/host.ts";
import { SCHEMA_VERSION } from "../core/schema-version.ts";
import { publishWorkspace } from "../operations/publish.ts";
import { formatBytes } from "../report/format.ts";
import {
  aHost,
  configOf,
  contextOf,
  type Invocation,
  jsonOption,
  openPlace,
  type PlaceArgs,
  placeOptions,
  printJson,
  type Register,
} from "./invocation.ts";
import { stderrReporter } from "./reporter.ts";

interface Args extends PlaceArgs {
  readonly on: string | undefined;
  readonly repair: boolean;
  readonly verify: boolean;
  readonly json: boolean;
}

export const register: Register = (yargs, invocation, { usage, describe }) =>
  yargs.command(
    usage,
    describe,
    (options) =>
      jsonOption(placeOptions(options))
        .option("on", aHost)
        .option("repair", {
          type: "boolean",
          default: false,
          describe: "Replace what is found wrong on the host",
        })
        .option("verify", {
          type: "boolean",
          default: false,
          describe: "Hash every published file on the host, also of what was there already",
        })
        .example("$0 publish --on ssh://ci@builder", "so that the first run finds it there")
        .example("$0 publish --json", "the content hash and the directory, as data"),
    (args) => put(args, invocation),
  );

async function put(args: Args, invocation: Invocation): Promise<void> {
  const place = await openPlace(args, invocation);
  const { repair, verify } = args;
  const reporter = await stderrReporter(invocation, "normal", place);
  const context = contextOf(place, invocation, reporter.emit);
  const project = await loadProjectOrBare(place.workspace, configOf(args, invocation), context);
  const host = await selectHost(project, args.on ?? null, context);
  const published = await publishWorkspace(project, host, { repair, verify }, context).finally(
    reporter.close,
  );
  const { hashed, outcome, remoteDir, bytesSent } = published;
  if (args.json)
    printJson(invocation, {
      schema_version: SCHEMA_VERSION,
      content_hash: hashed.contentHash,
      outcome,
      host: host.url,
      remote_dir: remoteDir,
      bytes_sent: bytesSent,
      verified: verify,
    });
  else
    invocation.out(
      `${hashed.contentHash}  ${outcome} on ${host.url} (${formatBytes(bytesSent)} sent${verify ? ", verified" : ""})\n${remoteDir}\n`,
    );
}
