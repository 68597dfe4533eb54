import { resolve } from "node:path";
import { attestRun } from "../operations/attestation/attest.ts";
import { jsonText } from "../system/client-files.ts";
import { type Handler, openPlace } from "./call.ts";
import type { Args } from "./table.ts";
import { writeOut } from "./write-out.ts";

export const handle: Handler<Args<"attest">> = async ({ run, key, out }, call) => {
  const { invocation, context } = await openPlace(call);
  const named = key === null ? null : resolve(invocation.cwd, key);
  const text = jsonText(await attestRun({ run, key: named }, context()));
  if (out === null) invocation.out(text);
  else writeOut(resolve(invocation.cwd, out), text);
  return 0;
};
