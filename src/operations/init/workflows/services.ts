import * as z from "zod";
import { serverOf, serviceName } from "../servers.ts";
import type { JobInput } from "../tool.ts";
import type { WorkflowJob } from "./schema.ts";

const servicesSchema = z.record(
  z.string(),
  z.object({
    image: z.string(),
    env: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
  }),
);

interface Taken {
  readonly services: NonNullable<JobInput["services"]>;
  readonly notes: readonly string[];
}

/** A job's services as programs of the host; text: why it cannot be taken. */
export function servicesOf({ services }: WorkflowJob): Taken | string {
  const parsed = servicesSchema.safeParse(services ?? {});
  if (!parsed.success) return "has services that are written in a way that pikaci does not know";
  const made: NonNullable<JobInput["services"]> = {};
  const notes: string[] = [];
  for (const [name, { image, env }] of Object.entries(parsed.data)) {
    const variables = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, String(value)]));
    if ([image, ...Object.values(variables)].some((text) => text.includes("${{")))
      return `has an expression in its service ${name}`;
    const server = serverOf(image, variables);
    if (server === null) return `needs the service ${image}, for which pikaci knows no program`;
    made[serviceName(name)] = server.service;
    notes.push(server.note);
  }
  return { services: made, notes };
}
