/** B2 to B4, B14 and B15 on one large warehouse: four new days, one day, yesterday restated, nothing new, one correction. */

import type { Finding } from '../support/findings.js';
import { exportWritten, freezeForm, nextTransaction, timeFloor, WRITTEN_TABLES } from '../support/floor.js';
import { repeat, sampleOf } from '../support/measure.js';
import { type ProgramRun, refresh, rowsOf, runProgram } from '../support/program.js';
import { type BenchServer, settle, withClient } from '../support/server.js';
import { appendDays, createSeeded, type Seeded } from '../support/warehouse.js';
import { measureAlternative, scaleAlternative } from './alternative.js';
import { expectSame } from './builds.js';
import { measureNewDay, measureRestatedDay } from './day.js';
import { measureEarlier } from './earlier.js';

const NEW_DAYS = 4;
const ALL = 'b2';

export interface NewsScale {
  assets: number;
  years: number;
  runs: number;
}

/** Builds the warehouse once, leaves it for others to read, and gives the findings of B2, B3 and B4 as they come. */
export async function* measureNews(server: BenchServer, scale: NewsScale): AsyncGenerator<Finding> {
  const { assets, years, runs } = scale;
  const seeded = await createSeeded(server, ALL, { assets, years });
  const build = await refresh(server.url(ALL), ['-n', '2']);
  yield {
    id: 'B1',
    what: `full build once, ${assets} assets × ${years} years, s`,
    goal: null,
    value: Math.round(build.durationMs / 1000),
    detail: `${rowsOf(build).written} rows, -n 2`,
  };
  await settle(server.url(ALL));
  const { seeded: later, findings } = await measureNewDays(server, seeded, runs);
  yield* findings;
  const { seeded: evenLater, finding } = await measureEarlier(server, ALL, { seeded: later, runs });
  yield finding;
  const oursMs = findings[0]?.samples?.barwright?.medianMs ?? Number.NaN;
  yield {
    id: 'B2',
    what: `the alternative, scaled to ${assets} assets / four new days of ${assets} assets`,
    goal: { atLeast: 300 },
    value: scaleAlternative(await measureAlternative(server, runs), assets) / oursMs,
    detail: 'the start of processes is in the days of barwright once, in the alternative never',
  };
  await settle(server.url(ALL));
  const {
    seeded: now,
    findings: days,
    appendMs,
  } = await measureNewDay(server, ALL, { seeded: evenLater, days: runs });
  yield* days;
  yield await measureRestatedDay(server, ALL, { seeded: now, appendMs, runs });
  // As it is in the morning: between two days autovacuum has been there.
  await settle(server.url(ALL));
  yield* await measureNothing(server, runs);
  await settle(server.url(ALL));
  yield* await measureCorrection(server, now, runs);
}

async function measureNewDays(
  server: BenchServer,
  begun: Seeded,
  runs: number,
): Promise<{ seeded: Seeded; findings: Finding[] }> {
  let seeded = begun;
  await server.create('b2_floor', ALL);
  await freezeForm(server.url('b2_floor'));
  const floorMs: number[] = [];
  const factsMs: number[] = [];
  let last: ProgramRun | null = null;
  const ours = await repeat(runs, async () => {
    const [from, to] = [seeded.endDay, seeded.endDay + NEW_DAYS];
    await appendDays(server.url('b2_floor'), seeded, NEW_DAYS);
    seeded = await appendDays(server.url(ALL), seeded, NEW_DAYS);
    const xid = await nextTransaction(server.url(ALL));
    await checkpoint(server.url(ALL));
    last = await refresh(server.url(ALL));
    const written = await exportWritten(server.url(ALL), { xid, isBuild: false });
    const source = `select * from cmc_price_histories7
      where timestamp >= timestamptz '1970-01-01Z' + ${from} * interval '1 day'
        and timestamp < timestamptz '1970-01-01Z' + ${to} * interval '1 day' and id > 0`;
    await checkpoint(server.url('b2_floor'));
    const times = await timeFloor(server.url('b2_floor'), written, { source, isUpsert: true });
    floorMs.push(times.totalMs);
    factsMs.push(times.factsMs);
    written.remove();
    return last.durationMs;
  });
  await expectSame(server, ALL, 'b2_floor');
  await server.drop('b2_floor');
  if (last === null) throw new Error('nothing was run');
  const { needed, written } = rowsOf(last);
  const floor = sampleOf(floorMs);
  const finding: Finding = {
    id: 'B2',
    what: `four new days / their floor, ${begun.assets} assets`,
    goal: { atMost: 3 },
    value: ours.medianMs / floor.medianMs,
    detail: `${needed} rows needed, ${written} written`,
    samples: { barwright: ours, floor },
  };
  const exact: Finding = {
    id: 'B2',
    what: 'rows written / rows needed',
    goal: { atMost: 1 },
    value: written / needed,
    detail: 'counted by the database',
  };
  const facts = sampleOf(factsMs);
  const remaining: Finding = {
    id: 'B2',
    what: 'four new days / plain COPY of their 1D bars, closed bars and points into the tables as they stand',
    goal: null,
    value: ours.medianMs / facts.medianMs,
    detail: 'the rest is reading, computing, states and the start of processes',
    samples: { barwright: ours, 'COPY of facts': facts },
  };
  return { seeded, findings: [finding, exact, remaining] };
}

function checkpoint(url: string): Promise<unknown> {
  return withClient(url, (client) => client.query('checkpoint'));
}

async function measureNothing(server: BenchServer, runs: number): Promise<Finding[]> {
  const bareMs: number[] = [];
  let written = 0;
  const ours = await repeat(runs, async () => {
    bareMs.push((await runProgram(['-e', '0'], server.url(ALL))).durationMs);
    const run = await refresh(server.url(ALL));
    written += rowsOf(run).written;
    return run.durationMs;
  });
  const bare = sampleOf(bareMs);
  return [
    {
      id: 'B3',
      what: 'nothing new / `node -e 0`',
      goal: { atMost: 7 },
      value: ours.medianMs / bare.medianMs,
      detail: `${written} rows written; that no child is started is asserted by the tests`,
      samples: { barwright: ours, 'node -e 0': bare },
    },
  ];
}

/** A close of five years ago is corrected; then the asset is rebuilt for comparison. */
async function measureCorrection(
  server: BenchServer,
  { firstDay, endDay }: Seeded,
  runs: number,
): Promise<Finding[]> {
  const url = server.url(ALL);
  const id = 7;
  const daysBack = Math.min(5 * 365, Math.floor((endDay - firstDay) / 2));
  const buildMs: number[] = [];
  let foreign = 0;
  const ours = await repeat(runs, async (run) => {
    const day = endDay - daysBack + run;
    await withClient(url, (client) =>
      client.query(
        `update cmc_price_histories7 set close = (low + high) / 2 where id = $1
         and timestamp >= timestamptz '1970-01-01Z' + $2 * interval '1 day'
         and timestamp < timestamptz '1970-01-01Z' + ($2 + 1) * interval '1 day'`,
        [id, day],
      ),
    );
    const xid = await nextTransaction(url);
    const correction = await refresh(url);
    if (rowsOf(correction).written === 0) throw new Error('the correction changed nothing');
    foreign += await countWritten(url, xid, id);
    buildMs.push((await refresh(url, ['--ids', String(id), '--full-rebuild'])).durationMs);
    return correction.durationMs;
  });
  const build = sampleOf(buildMs);
  return [
    {
      id: 'B4',
      what: `one close corrected ${daysBack} days back / full build of that asset alone`,
      goal: { atMost: 2 },
      value: ours.medianMs / build.medianMs,
      detail: `${foreign} rows of other assets written`,
      samples: { correction: ours, build },
    },
  ];
}

async function countWritten(url: string, xid: string, id: number): Promise<number> {
  return withClient(url, async (client) => {
    let count = 0;
    for (const table of WRITTEN_TABLES) {
      const { rows } = await client.query<{ n: string }>(
        `select count(*) as n from ${table} where id <> $1 and xmin::text::bigint >= $2::bigint`,
        [id, xid],
      );
      count += Number(rows[0]?.n);
    }
    return count;
  });
}

/** The database that measureNews leaves. */
export const LARGE = ALL;
