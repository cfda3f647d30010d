/** B14 and B15: what one new day writes, in rows and in WAL, and what it costs when yesterday is restated for everybody. */
import type { Finding } from '../support/findings.js';
import { medianOf, sampleOf } from '../support/measure.js';
import { refresh, rowsOf } from '../support/program.js';
import { type BenchServer, settle, withClient } from '../support/server.js';
import { appendDays, createSeeded, type Seeded } from '../support/warehouse.js';

interface Day {
  rows: number;
  /** Bytes of WAL without page images. */
  recordBytes: number;
  imageBytes: number;
  durationMs: number;
}

/** A warehouse of its own: `days` mornings, of which each but the first finds its pages written since the checkpoint. */
export async function measureDays(
  server: BenchServer,
  { assets, years, days }: { assets: number; years: number; days: number },
): Promise<Finding[]> {
  const name = 'b14';
  const seeded = await createSeeded(server, name, { assets, years });
  await refresh(server.url(name));
  await settle(server.url(name));
  const { findings } = await measureNewDay(server, name, { seeded, days });
  await server.drop(name);
  return findings;
}

/** `days` new days, one refresh each. The first comes after a checkpoint. */
export async function measureNewDay(
  server: BenchServer,
  name: string,
  { seeded: begun, days }: { seeded: Seeded; days: number },
): Promise<{ seeded: Seeded; findings: Finding[]; appendMs: number[] }> {
  const url = server.url(name);
  let seeded = begun;
  const measured: Day[] = [];
  for (let day = 0; day < days; day += 1) {
    seeded = await appendDays(url, seeded, 1);
    if (day === 0) await withClient(url, (client) => client.query('checkpoint'));
    measured.push(await measureRun(url));
  }
  const [first, ...others] = measured;
  if (first === undefined || others.length === 0) throw new Error('two days are the least');
  const { assets } = begun;
  const perAsset = (of: (day: Day) => number, some: readonly Day[] = measured) =>
    some.reduce((sum, day) => sum + of(day), 0) / some.length / assets;
  const kB = (bytes: number) => bytes / 1000;
  return {
    seeded,
    appendMs: measured.map(({ durationMs }) => durationMs),
    findings: [
      {
        id: 'B14',
        what: `rows that a new day of an asset writes, ${assets} assets, mean of ${days} days`,
        goal: { atMost: 25 },
        value: perAsset(({ rows }) => rows),
        detail: 'as the database counted them',
      },
      {
        id: 'B14',
        what: `kB of WAL of a new day of an asset without page images, ${assets} assets`,
        goal: { atMost: 80 },
        value: kB(perAsset(({ recordBytes }) => recordBytes)),
        detail:
          `page images: ${kB(perAsset(({ imageBytes }) => imageBytes, [first])).toFixed(0)} kB on the day after a checkpoint, ` +
          `${kB(perAsset(({ imageBytes }) => imageBytes, others)).toFixed(0)} kB on the others`,
      },
    ],
  };
}

/** Yesterday's close of every asset restated, `runs` times, beside the new days of measureNewDay. */
export async function measureRestatedDay(
  server: BenchServer,
  name: string,
  { seeded, appendMs, runs }: { seeded: Seeded; appendMs: readonly number[]; runs: number },
): Promise<Finding> {
  const url = server.url(name);
  const restatedMs: number[] = [];
  for (let run = 0; run < runs; run += 1) {
    await withClient(url, (client) =>
      client.query(
        `update cmc_price_histories7 set close = low + (high - low) * $2
         where timestamp >= timestamptz '1970-01-01Z' + ($1 - 1) * interval '1 day'`,
        [seeded.endDay, (run + 1) / (runs + 1)],
      ),
    );
    restatedMs.push((await measureRun(url)).durationMs);
  }
  return {
    id: 'B15',
    what: `yesterday restated for ${seeded.assets} assets / appending one day to them`,
    goal: { atMost: 2 },
    value: medianOf(restatedMs) / medianOf(appendMs),
    detail: 'one refresh each',
    samples: { restated: sampleOf(restatedMs), append: sampleOf(appendMs) },
  };
}

async function measureRun(url: string): Promise<Day> {
  const before = await readPosition(url);
  const run = await refresh(url);
  const { records, images } = await withClient(url, async (client) => {
    await client.query('create extension if not exists pg_walinspect');
    const { rows } = await client.query<{ records: string; images: string }>(
      `select sum(record_size) as records, sum(fpi_size) as images
       from pg_get_wal_stats($1, pg_current_wal_flush_lsn())`,
      [before],
    );
    return rows[0] ?? { records: '0', images: '0' };
  });
  return {
    rows: rowsOf(run).written,
    recordBytes: Number(records),
    imageBytes: Number(images),
    durationMs: run.durationMs,
  };
}

/** The end of the WAL, flushed, before a run. */
async function readPosition(url: string): Promise<string> {
  return withClient(url, async (client) => {
    await client.query('create extension if not exists pg_walinspect');
    const { rows } = await client.query<{ at: string }>('select pg_current_wal_insert_lsn() as at');
    return rows[0]?.at ?? '';
  });
}
