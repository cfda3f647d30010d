/** verifier/verify.py, which shares no code with barwright, makes the same hashes of the same source rows. */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSampleData } from '../../src/components/ingest/load/sample-data.js';
import { cleanEnvironment } from '../support/cli.js';
import { execute, insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { findPython } from '../support/examples/python.js';
import { historyShapes, pricesOf } from '../support/histories.js';
import { runsOf, SEED } from '../support/long.js';
import { inRolledBack, verify } from '../support/verify.js';

const PROGRAM = resolve(import.meta.dirname, '../../verifier/verify.py');
const LIMIT_MS = 120_000;
const RUNS = runsOf('HISTORIES', 12);
const python = await findPython('the independent verifier');

interface Ended {
  code: number;
  lines: string[];
}

/** Runs the verifier as the reader of a database; `against` is what `barwright verify --json` prints. */
function runVerifier(program: string, { urls }: TestDatabase, against: unknown): Promise<Ended> {
  const folder = mkdtempSync(join(tmpdir(), 'barwright-verifier-'));
  const report = join(folder, 'report.json');
  writeFileSync(report, JSON.stringify(against));
  const args = [PROGRAM, urls.reader, ...(against === null ? [] : ['--against', report])];
  const env = cleanEnvironment({ PYTHONDONTWRITEBYTECODE: '1' });
  return new Promise<Ended>((done, fail) => {
    execFile(program, args, { env, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      if (stderr !== '') fail(new Error(stderr));
      else done({ code: Number(error?.code ?? 0), lines: stdout.trimEnd().split('\n') });
    });
  }).finally(() => rmSync(folder, { recursive: true, force: true }));
}

/** Expects the verifier to make the hashes that verify makes of what is stored, series by series and of them all. */
async function expectSameHashes(program: string, created: TestDatabase, ids: number[]): Promise<void> {
  const { verdicts, sha256 } = await verify(created.database, { ids, source: { relation: null } });
  expect(verdicts.flatMap(({ findings }) => findings)).toEqual([]);
  const ended = await runVerifier(program, created, { assets: verdicts });
  expect(ended.lines.filter((line) => line.startsWith('[FAILED]'))).toEqual([]);
  expect(ended.lines.slice(0, -1)).toEqual(
    verdicts.map((each) => `[OK] ${each.id}: ${each.series.length} series, the same sha256:${each.sha256}`),
  );
  expect(ended.lines.at(-1)).toBe(`${ids.length} assets sha256:${sha256}`);
  expect(ended.code).toBe(0);
}

async function run(created: TestDatabase, ids: number[]): Promise<void> {
  const outcomes = [await runBars(created.database, { ids }), await runEmas(created.database, { ids })];
  expect(outcomes.flatMap((each) => [...each.values()].filter(({ status }) => status === 'failed'))).toEqual(
    [],
  );
}

/** Changes of what has been read, each on some rows of an asset; $1 is the asset, $2 picks the rows. */
const CHANGES: readonly string[] = [
  'update cmc_price_histories7 set high = low, low = high where id = $1 and PICKED',
  'update cmc_price_histories7 set timehigh = null, timelow = null where id = $1 and PICKED',
  'update cmc_price_histories7 set timelow = null, low = null where id = $1 and PICKED',
  `update cmc_price_histories7 set timehigh = timehigh - interval '1 day' where id = $1 and PICKED`,
  'update cmc_price_histories7 set timeopen = timestamp, timeclose = timestamp where id = $1 and PICKED',
  `update cmc_price_histories7 set timeclose = timestamp + interval '1 ms' where id = $1 and PICKED`,
  `update cmc_price_histories7 set timeopen = timeopen + interval '6 hours' where id = $1 and PICKED`,
  'update cmc_price_histories7 set close = close * 1.25, volume = -volume where id = $1 and PICKED',
  'delete from cmc_price_histories7 where id = $1 and PICKED',
];
const PICKED = 'extract(epoch from timestamp)::bigint / 86400 % 17 = $2::int % 17';

/** The oldest rows go, as at a source with a retention: their days are kept. Where only days to come would be left, none goes. */
const LOSS = `delete from cmc_price_histories7 p where timestamp <
  (select timestamp from cmc_price_histories7 where id = p.id and timestamp < now() order by timestamp offset 9 limit 1)`;

const SPLITS = `insert into dim_asset_split (id, day, new_units, old_units, volume_in_units)
  select id, (min(timestamp) at time zone 'UTC')::date + after, new_units, old_units, in_units
  from cmc_price_histories7, (values (15, 4, 1, false), (31, 3, 7, true), (20000, 2, 1, true)) v (after, new_units, old_units, in_units)
  where id % 2 = 1 group by id, after, new_units, old_units, in_units`;

/** Whether the histories had what they are for. */
const SEEN = `select exists (select from price_kept), exists (select from cmc_price_bars_1d_state where splits <> ''),
  (select count(distinct reason) > 5 from cmc_price_bars_1d_rejects), exists (select from price_bars where count_missing_days > 0)`;

if (python !== null)
  describe('the independent verifier', () => {
    const program = python;
    let created: TestDatabase;
    beforeAll(async () => {
      created = await createTestDatabase();
    });
    afterAll(async () => {
      await created?.drop();
    });

    test('agrees on the sample data, and names the series of a bar that was changed', {
      timeout: LIMIT_MS,
    }, async () => {
      await writeSampleData(created.database);
      const ids = [900001, 900003, 900006];
      await run(created, ids);
      await expectSameHashes(program, created, ids);
      const printed = await runVerifier(program, created, null);
      const stored = await verify(created.database, { ids });
      expect(printed.lines).toEqual([
        ...stored.verdicts.flatMap((asset) => [
          `${asset.id} sha256:${asset.sha256}`,
          ...asset.series.map(({ name, sha256 }) => `    ${name} sha256:${sha256}`),
        ]),
        `3 assets sha256:${stored.sha256}`,
      ]);
      const { verdicts } = await inRolledBack(created.database, async (database, tx) => {
        const changed = await tx.execute(
          `update price_bars set high = high + 1e-9 where id = 900003 and alignment = 'cal_iso' and tf = '1M_CAL' and bar_seq = 7`,
        );
        expect(changed).toBe(1);
        return verify(database, { ids });
      });
      const { code, lines } = await runVerifier(program, created, { assets: verdicts });
      expect(code).toBe(1);
      expect(lines[0]).toMatch(/^\[OK\] 900001: /);
      expect(lines[1]).toBe('[FAILED] 900003: 1 of 421 series differ: bars cal_iso 1M_CAL');
      expect(lines[2]).toMatch(/^\[OK\] 900006: /);
    });

    test('agrees on generated histories, corrections, splits and lost days', {
      timeout: RUNS * LIMIT_MS,
    }, async () => {
      console.log(`histories with seed ${SEED}; BARWRIGHT_TEST_SEED repeats them`);
      const shapes = fc.sample(historyShapes(fc.integer({ min: 1, max: 500 })), {
        seed: SEED,
        numRuns: RUNS,
      });
      const ids = shapes.map((_, at) => at + 1);
      const rest = new Map(shapes.map((shape, at) => [at + 1, pricesOf(shape)]));
      for (const [id, prices] of rest)
        await insertPrices(created.database, id, prices.splice(0, prices.length * 0.7));
      await run(created, ids);
      await expectSameHashes(program, created, ids);
      for (const [id, prices] of rest) await insertPrices(created.database, id, prices);
      await execute(created.database, SPLITS);
      await execute(
        created.database,
        `insert into dim_timeframe values ('multi_tf', '6D'), ('v2', '6D'), ('cal_us', '5W_CAL_US'), ('cal_anchor_iso', '5M_CAL_ANCHOR')`,
      );
      await execute(created.database, 'insert into dim_period values (2), (33)');
      await run(created, ids);
      await expectSameHashes(program, created, ids);
      for (const [at, change] of CHANGES.entries())
        for (const id of ids)
          if ((id + at) % 3 > 0)
            await execute(created.database, change.replace('PICKED', PICKED), [id, id + at]);
      await runBars(created.database, { ids, acceptDeletions: true });
      await run(created, ids);
      await expectSameHashes(program, created, ids);
      await execute(created.database, LOSS);
      await run(created, ids);
      await expectSameHashes(program, created, ids);
      expect(await created.database.read((tx) => tx.query(SEEN))).toEqual([[true, true, true, true]]);
    });
  });
