import * as z from "zod";
import { configSchema } from "./schema.ts";

/** JSON Schema of a configuration, for editors: what `schema/pikaci.schema.json` holds. */
export function configJsonSchema(): object {
  return { title: "pikaci configuration", ...z.toJSONSchema(configSchema, { io: "input" }) };
}
