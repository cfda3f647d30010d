/** Repeated measurements and what is said of them. */

/** Milliseconds of repeated runs of one thing. */
export interface Sample {
  medianMs: number;
  minMs: number;
  maxMs: number;
  runs: number;
}

/** Median (the lower one of an even count), smallest and largest. Throws when there is nothing. */
export function sampleOf(timesMs: readonly number[]): Sample {
  const sorted = [...timesMs].sort((a, b) => a - b);
  const medianMs = sorted[Math.floor((sorted.length - 1) / 2)];
  const [minMs] = sorted;
  const maxMs = sorted.at(-1);
  if (medianMs === undefined || minMs === undefined || maxMs === undefined)
    throw new Error('nothing was measured');
  return { medianMs, minMs, maxMs, runs: sorted.length };
}

/** The median of numbers of any kind. */
export function medianOf(values: readonly number[]): number {
  return sampleOf(values).medianMs;
}

/** How long a piece of work takes. */
export async function timeMs(work: () => unknown): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

/** `count` runs of a piece of work that returns its own milliseconds. */
export async function repeat(count: number, work: (run: number) => Promise<number>): Promise<Sample> {
  const timesMs: number[] = [];
  for (let run = 0; run < count; run += 1) timesMs.push(await work(run));
  return sampleOf(timesMs);
}
