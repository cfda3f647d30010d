/** B2 beside barwright as it was before states were packed (decision 008): the same new days, in turn, in one run. */
import { buildEarlier } from '../support/earlier.js';
import type { Finding } from '../support/findings.js';
import { sampleOf } from '../support/measure.js';
import { refresh, refreshBy, runProgram } from '../support/program.js';
import { type BenchServer, settle, withClient } from '../support/server.js';
import { addSeeded, appendDays, type Seeded } from '../support/warehouse.js';

/** The last commit with a row for each state, 2026-11-29. */
const BEFORE_PACKING = '1d4405a20343d2057579b96258989e2fe2d26d17';
const NAME = 'earlier';
const NEW_DAYS = 4;

/** `name` is a built warehouse with these days. Both get `runs` times four more. */
export async function measureEarlier(
  server: BenchServer,
  name: string,
  { seeded: begun, runs }: { seeded: Seeded; runs: number },
): Promise<{ seeded: Seeded; finding: Finding }> {
  const { program, remove } = buildEarlier(BEFORE_PACKING);
  try {
    const url = server.url(NAME);
    await server.create(NAME);
    await runProgram([program, 'init'], url);
    await addSeeded(url, begun);
    await refreshBy(program, url);
    await settle(url);
    let seeded = begun;
    const [now, before]: [number[], number[]] = [[], []];
    for (let run = 0; run < runs; run += 1) {
      await appendDays(url, seeded, NEW_DAYS);
      seeded = await appendDays(server.url(name), seeded, NEW_DAYS);
      await checkpoint(server.url(name));
      now.push((await refresh(server.url(name))).durationMs);
      await checkpoint(url);
      before.push((await refreshBy(program, url)).durationMs);
    }
    await server.drop(NAME);
    const samples = { now: sampleOf(now), before: sampleOf(before) };
    return { seeded, finding: findingOf(samples, begun.assets) };
  } finally {
    remove();
  }
}

function findingOf(
  samples: { now: ReturnType<typeof sampleOf>; before: ReturnType<typeof sampleOf> },
  assets: number,
): Finding {
  return {
    id: 'B2',
    what: `four new days of ${assets} assets / the same by barwright before states were packed`,
    goal: { atMost: 0.4 },
    value: samples.now.medianMs / samples.before.medianMs,
    detail: `commit ${BEFORE_PACKING.slice(0, 7)}, built for this`,
    samples,
  };
}

function checkpoint(url: string): Promise<unknown> {
  return withClient(url, (client) => client.query('checkpoint'));
}
