/** Decision 021, the proof: verify is clean after a build, and names every kind of damage with its place. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isClean } from '../../src/components/verify/verdict.js';
import type { Finding } from '../../src/domain/validation/difference.js';
import type { Database } from '../../src/storage/session/database.js';
import { insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';
import { allowStateEdits } from '../support/state-edits.js';
import { inRolledBack, keepTimeframes, listFindings, verify } from '../support/verify.js';

const SHAPE: HistoryShape = {
  ...{ seed: 11, firstDay: 17_999, rows: 240, gapRate: 0.05, longestGap: 3 },
  ...{ ties: false, badRate: 0.04, longestChunk: 30 },
};
const IDS = [1, 52];

let warehouse: TestDatabase;
let database: Database;
let clean: Awaited<ReturnType<typeof verify>>;

beforeAll(async () => {
  warehouse = await createTestDatabase();
  database = warehouse.database;
  await allowStateEdits(database);
  await keepTimeframes(database);
  for (const id of IDS) await insertPrices(database, id, pricesOf({ ...SHAPE, seed: id }));
  await runBars(database, { ids: IDS });
  await runEmas(database, { ids: IDS });
  clean = await verify(database, { ids: IDS });
});
afterAll(async () => {
  await warehouse?.drop();
});

/** The next larger double: the last bit and no more. */
const NEXT = '1.0000000000000002';

interface Damage {
  sql: string;
  /** Of the first difference. */
  first: Partial<Finding>;
  /** Rows that differ, when it is not one. */
  differences?: number;
}

const one = (table: string, where: string) =>
  `${table} t using (select ctid from ${table} where id = 1 and ${where} limit 1) d where t.ctid = d.ctid`;
const SERIES = `alignment = 'multi_tf' and tf = '7D'`;

/** Everything here happens to asset 1. */
const DAMAGES: Record<string, Damage> = {
  'a close changed in its last bit': {
    sql: `update price_bars set close = close * ${NEXT} where id = 1 and ${SERIES} and bar_seq = 12`,
    first: { table: 'price_bars', series: 'multi_tf 7D', barSeq: 12, kind: 'changed', column: 'close' },
  },
  'a NULL market cap': {
    sql: `update price_bars set market_cap = null where id = 1 and ${SERIES} and bar_seq = 12`,
    first: { table: 'price_bars', barSeq: 12, column: 'market_cap', stored: null },
  },
  'a bar time moved by a microsecond': {
    sql: `update price_bars set time_low = time_low + interval '1 microsecond' where id = 1 and ${SERIES} and bar_seq = 3`,
    first: { table: 'price_bars', series: 'multi_tf 7D', barSeq: 3, column: 'time_low' },
  },
  'a deleted bar': {
    sql: `delete from price_bars where id = 1 and ${SERIES} and bar_seq = 5`,
    first: { table: 'price_bars', series: 'multi_tf 7D', barSeq: 5, kind: 'missing', column: null },
  },
  'the newest bar of a series deleted': {
    sql: `delete from price_bars where id = 1 and ${SERIES}
      and bar_seq = (select max(bar_seq) from price_bars where id = 1 and ${SERIES})`,
    first: { table: 'price_bars', series: 'multi_tf 7D', kind: 'missing' },
  },
  'a surplus bar': {
    sql: `insert into price_bars select (jsonb_populate_record(p, '{"bar_seq": 9999}')).* from price_bars p
      where id = 1 and ${SERIES} and bar_seq = 1`,
    first: { table: 'price_bars', series: 'multi_tf 7D', barSeq: 9999, kind: 'surplus' },
  },
  'a surplus point': {
    sql: `insert into ema_points select (jsonb_populate_record(p, '{"bar_seq": 9999}')).* from ema_points p
      where id = 1 and ${SERIES} and bar_seq = 10`,
    first: { table: 'ema_points', series: 'multi_tf 7D', barSeq: 9999, kind: 'surplus' },
  },
  'a deleted point': {
    sql: `delete from ema_points where id = 1 and ${SERIES} and bar_seq = 10`,
    first: { table: 'ema_points', series: 'multi_tf 7D', barSeq: 10, kind: 'missing' },
  },
  'an element of an EMA array changed in its last bit': {
    sql: `update ema_points set ema[3] = ema[3] * ${NEXT} where id = 1 and ${SERIES} and bar_seq = 15`,
    first: { table: 'ema_points', barSeq: 15, column: 'ema[3]', remark: 'period 10' },
  },
  'an EMA array cut short': {
    sql: `update ema_points set ema_bar = ema_bar[1:2] where id = 1 and ${SERIES} and bar_seq = 15`,
    first: { table: 'ema_points', barSeq: 15, column: 'ema_bar', kind: 'changed' },
  },
  'an EMA array with a NULL in it': {
    sql: `update ema_points set ema[2] = null where id = 1 and ${SERIES} and bar_seq = 15`,
    first: { table: 'ema_points', series: 'multi_tf 7D', kind: 'changed' },
  },
  'the carry of an EMA changed': {
    sql: `update ema_state set close_sum = close_sum * ${NEXT} where id = 1 and ${SERIES}`,
    first: { table: 'ema_state', series: 'multi_tf 7D', column: 'close_sum' },
  },
  'a v2 checkpoint deleted': {
    sql: `delete from ${one('ema_points', `alignment = 'v2' and tf = '2D'`)}`,
    first: { table: 'ema_points', series: 'v2 2D', kind: 'missing' },
  },
  'a lost state of a bar series': {
    sql: `delete from price_bars_state where id = 1 and ${SERIES}`,
    first: { table: 'price_bars_state', series: 'multi_tf 7D', kind: 'missing' },
  },
  'a lost carry': {
    sql: `delete from ema_state where id = 1 and ${SERIES}`,
    first: { table: 'ema_state', series: 'multi_tf 7D', kind: 'missing' },
  },
  'a lost EMA watermark': {
    sql: `delete from ema_asset_state where id = 1 and alignment = 'cal_us'`,
    first: { table: 'ema_asset_state', series: 'cal_us', kind: 'missing' },
  },
  'a lost 1D state': {
    sql: 'delete from cmc_price_bars_1d_state where id = 1',
    first: { table: 'cmc_price_bars_1d_state', kind: 'missing' },
  },
  'a watermark moved back': {
    sql: `update price_bars_state set watermark_day = watermark_day - 2 where id = 1 and ${SERIES}`,
    first: { table: 'price_bars_state', series: 'multi_tf 7D', column: 'watermark_day' },
  },
  'a watermark moved on': {
    sql: `update price_bars_state set watermark_day = watermark_day + 1 where id = 1 and ${SERIES}`,
    first: { table: 'price_bars_state', series: 'multi_tf 7D', column: 'watermark_day' },
  },
  'an EMA watermark moved back': {
    sql: `update ema_asset_state set watermark_day = watermark_day - 2 where id = 1 and alignment = 'multi_tf'`,
    first: { table: 'ema_asset_state', series: 'multi_tf', column: 'watermark_day' },
  },
  'an EMA watermark with another sum': {
    sql: `update ema_asset_state set close_sum = close_sum * ${NEXT} where id = 1 and alignment = 'v2'`,
    first: { table: 'ema_asset_state', series: 'v2', column: 'close_sum' },
  },
  'a period taken out of a watermark': {
    sql: `update ema_asset_state set periods = array_remove(periods, 10) where id = 1 and alignment = 'v2'`,
    first: { table: 'ema_asset_state', series: 'v2', column: 'periods' },
  },
  'a high in the open bar': {
    sql: `update price_bars_state set high = high * ${NEXT} where id = 1 and ${SERIES}`,
    first: { table: 'price_bars_state', series: 'multi_tf 7D', column: 'high' },
  },
  'a series that is said to lag': {
    sql: `insert into ema_series_lag select id, alignment, '7D', watermark_day, watermark_ts, row_count, last_close,
      close_sum from ema_asset_state where id = 1 and alignment = 'multi_tf'`,
    first: { table: 'ema_series_lag', series: 'multi_tf 7D', kind: 'surplus' },
  },
  'a 1D bar removed in the middle': {
    sql: 'delete from cmc_price_bars_1d where id = 1 and bar_seq = 100',
    first: { table: 'cmc_price_bars_1d', barSeq: 100, kind: 'missing' },
    differences: 2,
  },
  'the first 1D bar removed': {
    sql: 'delete from cmc_price_bars_1d where id = 1 and bar_seq = 1',
    first: { table: 'cmc_price_bars_1d', barSeq: 1, kind: 'missing' },
    differences: 2,
  },
  'a day of the 1D state changed': {
    sql: 'update cmc_price_bars_1d_state set last_day = last_day - 1 where id = 1',
    first: { table: 'cmc_price_bars_1d_state', column: 'last_day' },
  },
  'the watermark of the 1D state changed': {
    sql: `update cmc_price_bars_1d_state set last_src_ts = last_src_ts - interval '1 day' where id = 1`,
    first: { table: 'cmc_price_bars_1d_state', column: 'last_src_ts' },
  },
};

/** Damage whose consequences are many. */
const DISASTERS: Record<string, Damage> = {
  'the newest 1D bar removed': {
    sql: `delete from cmc_price_bars_1d where id = 1
      and bar_seq = (select max(bar_seq) from cmc_price_bars_1d where id = 1)`,
    first: { table: 'cmc_price_bars_1d_state', column: 'last_src_ts' },
  },
  'all 1D bars removed': {
    sql: 'delete from cmc_price_bars_1d where id = 1',
    first: { table: 'cmc_price_bars_1d_state' },
  },
  'a close of a 1D bar changed in its last bit': {
    sql: `update cmc_price_bars_1d set close = low * ${NEXT}, high = greatest(high, low * ${NEXT})
      where id = 1 and bar_seq = 100`,
    first: { table: 'price_bars' },
  },
  'all states of bars lost': {
    sql: 'delete from price_bars_state where id = 1',
    first: { table: 'price_bars_state', series: 'multi_tf 2D', kind: 'missing' },
  },
  'all carries and EMA watermarks lost': {
    sql: 'with gone as (delete from ema_state where id = 1) delete from ema_asset_state where id = 1',
    first: { table: 'ema_asset_state', kind: 'missing' },
  },
  'a timeframe taken out of dim_timeframe': {
    sql: `delete from dim_timeframe where ${SERIES}`,
    first: { series: 'multi_tf 7D', kind: 'surplus', remark: 'its timeframe is not in dim_timeframe' },
  },
};

test('what a build has stored is equal to a rebuild, with and without the source; nothing is written', async () => {
  for (const source of [null, { relation: null }]) {
    const { verdicts } = await verify(database, { ids: IDS, source });
    expect(verdicts.map(({ findings }) => findings)).toEqual([[], []]);
    expect(verdicts.every(isClean)).toBe(true);
    for (const verdict of verdicts) {
      expect(verdict.days).toBeGreaterThan(200);
      expect(verdict.bars).toBeGreaterThan(250);
      expect(verdict.points).toBeGreaterThan(500);
      expect(verdict.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  }
});

describe('found and named', () => {
  test.each(Object.entries({ ...DAMAGES, ...DISASTERS }))(
    '%s',
    async (name, { sql, first, differences = 1 }) => {
      await inRolledBack(database, async (damaged, tx) => {
        expect(await tx.execute(sql)).toBeGreaterThan(0);
        const found = await verify(damaged, { ids: IDS });
        const [verdict, other] = found.verdicts;
        expect(verdict?.findings[0]).toMatchObject(first);
        if (name in DAMAGES) expect(verdict?.differences, JSON.stringify(verdict?.byTable)).toBe(differences);
        if (!sql.includes('dim_timeframe')) expect(other).toEqual(clean.verdicts[1]);
        if (!/_1d|dim_/.test(sql)) expect(verdict?.sha256).not.toBe(clean.verdicts[0]?.sha256);
      });
    },
  );
});

describe('with the source, days are named', () => {
  const pick = (row: number) =>
    `id = 1 and timestamp = (select timestamp from cmc_price_bars_1d where id = 1 and bar_seq = ${row})`;
  test.each([
    [`update cmc_price_histories7 set close = close * ${NEXT} where ${pick(50)}`, 50, /close changed/],
    [`update cmc_price_histories7 set source_file = 'other.csv' where ${pick(51)}`, 51, /src_file changed/],
    [`delete from cmc_price_histories7 where ${pick(60)}`, 60, /in the 1D bars, not in the source/],
    [
      `update cmc_price_histories7 set open = null where ${pick(61)}`,
      61,
      /not in the source.*now null_open_close/,
    ],
    [`delete from cmc_price_bars_1d where id = 1 and bar_seq = 60`, 60, /in the source, not in the 1D bars/],
    [`update cmc_price_bars_1d set volume = 1 where id = 1 and bar_seq = 60`, 60, /volume changed/],
    [`delete from cmc_price_bars_1d_rejects where id = 1 and action = 'repaired'`, null, /now repaired_/],
  ])('%s', async (sql, row, what) => {
    await inRolledBack(database, async (damaged, tx) => {
      const days = await tx.query<[string]>(
        `select timestamp::date::text from cmc_price_bars_1d where id = 1 and bar_seq = $1`,
        [row],
      );
      expect(await tx.execute(sql)).toBeGreaterThan(0);
      if (sql.includes('histories7')) expect(await listFindings(damaged, { ids: IDS })).toEqual([]);
      const { verdicts } = await verify(damaged, { ids: IDS, source: { relation: null } });
      const [verdict, other] = verdicts;
      expect(other?.sourceDays).toEqual([]);
      expect(verdict?.sourceDays?.[0]?.what).toMatch(what);
      if (row !== null)
        expect(verdict?.sourceDays?.map(({ day }) => String(day))).toEqual(days.map(([day]) => day));
    });
  });
  test('a day that arrived late', async () => {
    await inRolledBack(database, async (damaged, tx) => {
      await tx.execute(
        `insert into cmc_price_histories7 select (jsonb_populate_record(p, jsonb_build_object(
           'timestamp', p.timestamp - interval '300 days', 'timeopen', p.timeopen - interval '300 days',
           'timeclose', p.timeclose - interval '300 days'))).* from cmc_price_histories7 p
         where id = 1 and timestamp = (select max(timestamp) from cmc_price_bars_1d where id = 1)`,
      );
      const { verdicts } = await verify(damaged, { ids: [1], source: { relation: null } });
      expect(verdicts[0]?.sourceDays?.map(({ what }) => what)).toEqual([
        expect.stringMatching(/^in the source, not in the 1D bars/),
      ]);
      expect(verdicts[0]?.findings[0]).toMatchObject({ table: 'cmc_price_bars_1d', kind: 'missing' });
    });
  });
});

test('EMAs that wait for a repair are named, and are no difference', async () => {
  await inRolledBack(database, async (waiting, tx) => {
    await tx.execute(
      `update ema_asset_state set watermark_day = date '2019-06-01', repair_from = date '2019-06-02'
       where id = 1 and alignment in ('multi_tf', 'v2')`,
    );
    const { verdicts } = await verify(waiting, { ids: [1] });
    expect(verdicts[0]?.waiting).toEqual(
      ['multi_tf', 'v2'].map((alignment) => ({ alignment, waitsFor: 'repair from 2019-06-02' })),
    );
    expect(verdicts[0]?.findings).toEqual([]);
  });
});

test('an asset without bars, and one that nobody knows, are equal to their rebuild', async () => {
  const { verdicts } = await verify(database, { ids: [7], source: { relation: null } });
  expect(verdicts).toMatchObject([{ id: 7, days: 0, bars: 0, points: 0, differences: 0, error: null }]);
});
