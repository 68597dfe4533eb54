const MOST_MS = 300;

/**
 * Between two looks: a tenth of the time since `began` (of `performance.now()`), at least `least` milliseconds. So a busy
 * machine, where everything takes long, is not kept busy by those who look.
 */
export function pause(began: number, least: number): Promise<void> {
  const milliseconds = Math.min(MOST_MS, Math.max(least, (performance.now() - began) / 10));
  return new Promise((done) => setTimeout(done, milliseconds));
}
