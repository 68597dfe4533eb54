import { createServer } from "node:net";
import type { LabHost } from "./host.ts";

/** A service of this machine that says `greeted`, for guests that have a way out. */
export interface Greeter {
  readonly port: number;
  close(): void;
}

export async function openGreeter(): Promise<Greeter> {
  const server = createServer((socket) => socket.end("greeted\n"));
  await new Promise<void>((done) => server.listen(0, "0.0.0.0", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the greeter has no port");
  return { port: address.port, close: () => server.close() };
}

/** This side of a host's wire: the address below its own. */
export function nearOf({ address }: LabHost): string {
  return address.replace(/\d+$/, (last) => String(Number(last) - 1));
}
