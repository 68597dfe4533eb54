import type { Context } from "../core/context.ts";
import type { HostSpec } from "../core/project.ts";
import type { Connection } from "./connection.ts";
import { connectLocal } from "./local.ts";
import { connectSsh } from "./ssh/connection.ts";

/** Starts connecting to a host; `openSession` follows. The caller must call `close` in the end. */
export async function connect(host: HostSpec, context: Context): Promise<Connection> {
  return host.url === "local" ? connectLocal(host, context.env) : connectSsh(host, context);
}
