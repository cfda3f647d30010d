/** B13: what the common ten indicators add to a build, to new days, to the rows of a day and to the bytes of an asset. */
import { INDICATOR_SETS } from '../../src/domain/indicators/sets.js';
import { readSizes } from '../size.js';
import type { Finding } from '../support/findings.js';
import { type Sample, sampleOf } from '../support/measure.js';
import { refresh, rowsOf } from '../support/program.js';
import { type BenchServer, settle, withClient } from '../support/server.js';
import { appendDays, createSeeded, type Seeded } from '../support/warehouse.js';

const NEW_DAYS = 4;
const SINGLE_DAYS = 10;
const NAMES = { without: 'b13_without', with: 'b13_with' } as const;
type Which = keyof typeof NAMES;

/** The same assets built and continued without indicators and with ten, in turn. */
export async function measureIndicatorCosts(
  server: BenchServer,
  { assets, years, runs }: { assets: number; years: number; runs: number },
): Promise<Finding[]> {
  const built = { without: [] as number[], with: [] as number[] };
  let seeded: Seeded = await createSeeded(server, 'b13_seeded', { assets, years });
  for (let run = 0; run < runs; run += 1) {
    for (const which of ['without', 'with'] as const) {
      if (run > 0) await server.drop(NAMES[which]);
      await begin(server, which);
      built[which].push((await refresh(server.url(NAMES[which]))).durationMs);
    }
  }
  const sizes = { without: await bytesOf(server, 'without'), with: await bytesOf(server, 'with') };
  const days = { without: [] as number[], with: [] as number[] };
  const rows = { without: 0, with: 0 };
  const takeDays = async (
    count: number,
    note: (which: Which, run: Awaited<ReturnType<typeof refresh>>) => void,
  ) => {
    let next = seeded;
    for (const which of ['without', 'with'] as const) {
      next = await appendDays(server.url(NAMES[which]), seeded, count);
      await settle(server.url(NAMES[which]));
      note(which, await refresh(server.url(NAMES[which])));
    }
    seeded = next;
  };
  for (let run = 0; run < runs; run += 1)
    await takeDays(NEW_DAYS, (which, { durationMs }) => days[which].push(durationMs));
  for (let day = 0; day < SINGLE_DAYS; day += 1)
    await takeDays(1, (which, run) => {
      rows[which] += rowsOf(run).written / assets / SINGLE_DAYS;
    });
  for (const name of [...Object.values(NAMES), 'b13_seeded']) await server.drop(name);
  const what = `${assets} assets × ${years} years`;
  return [
    ratio(`full build with ten indicators / without, ${what}`, built),
    ratio(`four new days with ten indicators / without, ${what}`, days),
    {
      id: 'B13',
      what: `rows that ten indicators add to a new day of an asset, mean of ${SINGLE_DAYS} days`,
      goal: { atMost: 12 },
      value: rows.with - rows.without,
      detail: `as the database counted them: ${rows.without.toFixed(1)} without, ${rows.with.toFixed(1)} with; ${INDICATOR_SETS.common.join(', ')}`,
    },
    {
      id: 'B13',
      what: 'MB that ten indicators add to an asset, fresh',
      goal: { atMost: 4 },
      value: (sizes.with - sizes.without) / 1e6,
      detail: `${(sizes.without / 1e6).toFixed(2)} without, ${(sizes.with / 1e6).toFixed(2)} with, prices among them`,
    },
  ];
}

async function begin(server: BenchServer, which: Which): Promise<void> {
  await server.create(NAMES[which], 'b13_seeded');
  if (which === 'with')
    await withClient(server.url(NAMES[which]), (client) =>
      client.query('insert into dim_indicator (name) select unnest($1::text[])', [INDICATOR_SETS.common]),
    );
  await settle(server.url(NAMES[which]));
}

/** Bytes of all tables for each asset. */
async function bytesOf(server: BenchServer, which: Which): Promise<number> {
  const { relations, assets } = await readSizes(server.url(NAMES[which]));
  return relations.reduce((sum, { bytes }) => sum + bytes, 0) / assets;
}

function ratio(what: string, times: Readonly<Record<Which, number[]>>): Finding {
  const samples = { with: sampleOf(times.with), without: sampleOf(times.without) };
  return {
    id: 'B13',
    what,
    goal: { atMost: 1.4 },
    value: samples.with.medianMs / samples.without.medianMs,
    detail: `with ${formatSample(samples.with)}; without ${formatSample(samples.without)}`,
  };
}

function formatSample({ medianMs, minMs, maxMs, runs }: Sample): string {
  return `${medianMs.toFixed(0)} ms (${minMs.toFixed(0)} to ${maxMs.toFixed(0)}, ${runs} runs)`;
}
