import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { quietLimit, quietSeconds } from "../../scripts/suites/quiet-clock.ts";
import { InfraError } from "../../src/core/errors.ts";
import { verifySnapshots } from "../lab/verify.ts";
import { hostSpec, withSession } from "../publish/publish-rig.ts";
import type { ClientReport } from "./client.ts";
import { FAULT } from "./faults.ts";
import { allowedEndings, type Case } from "./grid.ts";
import { closeScene, openScene, type Scene, stillThere } from "./scene.ts";
import { publishTo, type Site } from "./site.ts";
import { GONE_SECONDS, LEASE_MS, NEXT_SECONDS } from "./times.ts";

/** What a case came to. */
export interface CaseResult extends Case {
  /** How the publisher ended, and how the next one did. */
  readonly outcome: string;
  /** Empty: everything that has to hold did. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

/** Runs one case; what goes wrong is in the result. */
export async function runCase(site: Site, given: Case): Promise<CaseResult> {
  const began = performance.now();
  const problems: string[] = [];
  let outcome = "-";
  try {
    const scene = await openScene(site, given);
    try {
      outcome = await play(scene, given, problems);
    } finally {
      await site.host.restore();
      problems.push(...(await closeScene(scene)));
    }
  } catch (error) {
    problems.push(error instanceof Error ? `${error.stack}` : String(error));
  }
  return { ...given, outcome, problems, seconds: (performance.now() - began) / 1000 };
}

async function play(scene: Scene, given: Case, problems: string[]): Promise<string> {
  const fault = FAULT[given.fault];
  await fault.inject(scene);
  await sleep(200);
  scene.release();
  const ended = fault.publisher === "goes on" ? await goOn(scene) : null;
  problems.push(...judge(ended, given));
  await fault.lift(scene);
  const next = await publishNext(scene, problems);
  if (fault.publisher === "stopped") scene.publisher.signal("SIGKILL");
  await gone(scene, problems);
  problems.push(...(await swept(scene)));
  const { wrong, looks } = await scene.readerSaid();
  problems.push(...wrong);
  await verifySnapshots(join(scene.site.host.rootDir, scene.workDir));
  return `${ended?.ending ?? fault.publisher}; next ${next}; reader ${looks}`;
}

/** Its report; null when it does not end. */
async function goOn({ publisher }: Scene): Promise<ClientReport | null> {
  publisher.go();
  return Promise.race([publisher.ended, sleep(NEXT_SECONDS * 1000, null, { ref: false })]);
}

function judge(ended: ClientReport | null, given: Case): string[] {
  const allowed = allowedEndings(given);
  const ending = ended?.ending ?? "none";
  const problems = allowed.some((one) => one === ending)
    ? []
    : [
        `the publisher ended with ${ending} instead of ${allowed.join(" or ")}: ${ended?.message ?? "it did not end"}`,
      ];
  const silent = ended !== null && ending !== "published" && ended.hint === null;
  return silent ? [...problems, `an error without a hint: ${ended.message}`] : problems;
}

async function publishNext({ site, workDir, stateDir }: Scene, problems: string[]): Promise<string> {
  const began = quietSeconds();
  const { outcome, bytesSent } = await patiently(() => publishTo(site, workDir, site.target, stateDir));
  const seconds = quietSeconds() - began;
  if (seconds > NEXT_SECONDS) problems.push(`the next publication took ${seconds} s`);
  const share = Math.round((bytesSent / (2 * site.halfBytes)) * 100);
  return `${outcome} ${share} % in ${seconds.toFixed(1)} s`;
}

/** As a user does: a network that is just back may refuse the first try. */
async function patiently<T>(action: () => Promise<T>): Promise<T> {
  const isOver = quietLimit(NEXT_SECONDS);
  for (;;) {
    try {
      return await action();
    } catch (error) {
      const passes = error instanceof InfraError && error.where === "network";
      if (!passes || isOver()) throw error;
      await sleep(500);
    }
  }
}

/** No process, no held lock, nothing on the client, within the limit. */
async function gone(scene: Scene, problems: string[]): Promise<void> {
  const isOver = quietLimit(GONE_SECONDS);
  for (;;) {
    const left = [...stillThere(scene), ...(await heldLocks(scene))];
    if (left.length === 0) return;
    if (isOver()) return void problems.push(...left.map((line) => `left after ${GONE_SECONDS} s: ${line}`));
    await sleep(100);
  }
}

async function heldLocks({ site, workDir }: Scene): Promise<string[]> {
  const { stdout } = await site.host.exec(
    `cd ${workDir} && for l in locks/* tmp/*; do [ ! -e "$l" ] || flock -n "$l" true || echo "held: $l"; done`,
  );
  return stdout.split("\n").filter(Boolean);
}

/** Two days later the next session sweeps; what is left of the staging, the runs and their locks then. */
async function swept({ site, workDir, stateDir }: Scene): Promise<string[]> {
  const { host } = site;
  await host.exec(
    `cd ${workDir} && find tmp runs locks -mindepth 1 -maxdepth 1 -exec touch -d '2 days ago' {} +`,
  );
  await withSession(
    hostSpec(host.url, workDir, LEASE_MS),
    site.target,
    site.context(stateDir),
    async () => {},
  );
  const { stdout } = await host.exec(`cd ${workDir} && ls -d tmp/* runs/* locks/run-* 2>/dev/null`);
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((line) => `stale after the sweep: ${line}`);
}
