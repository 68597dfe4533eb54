import type { Context } from "../core/context.ts";
import type { StorePath } from "../core/ids.ts";
import type { NixOptions } from "../core/plan.ts";
import type { HashedSnapshot } from "../core/snapshot.ts";
import type { HostSession } from "../remote/session.ts";
import { flakeInputs } from "./client.ts";
import { flakeIn, sourceInStore } from "./client-source.ts";
import { parseInstallable } from "./installable.ts";
import type { Wanted } from "./outputs.ts";
import { sendClosure } from "./send-closure.ts";

/**
 * Fetches on this machine the locked inputs of the flakes that jobs need, and sends them to a host without network: Nix
 * there finds them in its store by their hashes. They need no signature. ConfigError, InfraError.
 */
export async function sendInputs(
  wanted: readonly Wanted[],
  selected: HashedSnapshot,
  session: HostSession,
  nix: NixOptions,
  context: Context,
): Promise<void> {
  const source = await sourceInStore(selected, context);
  const dirs = wanted.flatMap(({ spec }) =>
    spec.kind === "installable" ? [parseInstallable(spec.installable).dir] : [],
  );
  const inputs = new Set<StorePath>();
  for (const dir of new Set(dirs)) {
    const flake = await flakeIn(source, dir, context);
    for (const path of await flakeInputs(flake, nix.evaluation, context)) inputs.add(path);
  }
  inputs.delete(source);
  await sendClosure([...inputs], session, {}, context);
}
