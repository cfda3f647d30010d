/** Every rule of the validation is seen to be broken: by damage that is done in the database. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { validateAsset } from '../../src/domain/validation/validate-asset.js';
import { VIOLATIONS, type Violation } from '../../src/domain/validation/validation.js';
import { readTimeframes } from '../../src/storage/assets/dimensions.js';
import { readStoredSeries, upsertFindings } from '../../src/storage/reading/validation.js';
import type { Database, Tx } from '../../src/storage/session/database.js';
import { insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { type HistoryShape, pricesOf } from '../support/histories.js';
import { allowStateEdits } from '../support/state-edits.js';
import { inRolledBack, keepTimeframes } from '../support/verify.js';

const SHAPE: HistoryShape = {
  ...{ seed: 1, firstDay: 17_999, rows: 400, gapRate: 0.05, longestGap: 3 },
  ...{ ties: false, badRate: 0.04, longestChunk: 30 },
};

let warehouse: TestDatabase;
let database: Database;

beforeAll(async () => {
  warehouse = await createTestDatabase();
  database = warehouse.database;
  await allowStateEdits(database);
  await keepTimeframes(database);
  await insertPrices(database, 1, pricesOf(SHAPE));
  await runBars(database, { ids: [1] });
  await runEmas(database, { ids: [1] });
});
afterAll(async () => {
  await warehouse?.drop();
});

async function validate(tx: Tx, id = 1): Promise<Violation[]> {
  return validateAsset(await readStoredSeries(tx, id), await readTimeframes(tx));
}

const ROLLING = `id = 1 and alignment = 'multi_tf' and tf = '7D'`;
const CALENDAR = `id = 1 and alignment = 'cal_iso' and tf = '1W_CAL_ISO'`;
const DAILY = `id = 1 and alignment = 'multi_tf' and tf = '1D'`;
const V2 = `id = 1 and alignment = 'v2' and tf = '2D'`;
const newest = (where: string) => `bar_seq = (select max(bar_seq) from price_bars where ${where})`;
const WEEKLY = 'cal_iso 1W_CAL_ISO';

interface Damage {
  sql: string;
  /** Everything that is found: rule and series, with the period where it is about one. */
  found: string[];
}

const DAMAGES: Record<string, Damage> = {
  'a deleted rolling bar': {
    sql: `delete from price_bars where ${ROLLING} and bar_seq = 3`,
    found: ['bar_seq_not_dense multi_tf 7D'],
  },
  'a deleted 1D bar': {
    sql: 'delete from cmc_price_bars_1d where id = 1 and bar_seq = 100',
    found: ['bar_seq_not_dense multi_tf 1D'],
  },
  'a 1D bar moved behind the one after it': {
    sql: `update cmc_price_bars_1d set timestamp = timestamp + interval '100 years' where id = 1 and bar_seq = 50`,
    found: ['bar_seq_not_rising multi_tf 1D'],
  },
  'a calendar bar with the number of another window': {
    sql: `update price_bars set bar_seq = 9999 where ${CALENDAR} and bar_seq = 4`,
    found: [`bar_seq_not_of_window ${WEEKLY}`, `bar_seq_not_rising ${WEEKLY}`],
  },
  'a second closing row of a window': {
    sql: `insert into price_bars select (jsonb_populate_record(p, '{"bar_seq": 9999}')).* from price_bars p
      where ${CALENDAR} and ${newest(CALENDAR)}`,
    found: [
      `bar_seq_not_of_window ${WEEKLY}`,
      `bar_seq_not_rising ${WEEKLY}`,
      `window_closed_twice ${WEEKLY}`,
    ],
  },
  'the newest closing row gone, calendar': {
    sql: `delete from price_bars where ${CALENDAR} and ${newest(CALENDAR)}`,
    found: [`closing_row_missing ${WEEKLY}`, `point_off_closing_day ${WEEKLY}`],
  },
  'the newest closing row gone, rolling': {
    sql: `delete from price_bars where ${ROLLING} and ${newest(ROLLING)}`,
    found: ['closing_row_missing multi_tf 7D', 'point_off_closing_day multi_tf 7D'],
  },
  'a closing day that is another day of the window': {
    sql: `update price_bars p set last_day = (select max(timestamp)::date from cmc_price_bars_1d d
      where d.id = 1 and d.timestamp::date < p.last_day) where ${ROLLING} and bar_seq = 3`,
    found: ['closing_day_wrong multi_tf 7D'],
  },
  'a closing day before the asset began': {
    sql: `update price_bars set first_day = '1999-01-01', last_day = '1999-01-01' where ${CALENDAR} and bar_seq = 1`,
    found: [`closing_day_wrong ${WEEKLY}`, `closing_row_missing ${WEEKLY}`],
  },
  'a bar of a window that is not over': {
    sql: `insert into price_bars (id, alignment, tf, bar_seq, first_day, last_day, tf_days, count_days,
        count_missing_days, count_days_remaining, is_partial_start, time_open, time_close, time_high, time_low, open,
        high, low, close, volume)
      select id, alignment, tf, bar_seq, first_day, last_day, tf_days, count_days, count_missing_days,
        count_days_remaining, is_partial_start, time_open, time_close, time_high, time_low, open, high, low, close, volume
      from price_bars_state where id = 1 and alignment = 'cal_iso' and tf = '3Y_CAL'`,
    found: ['closed_early cal_iso 3Y_CAL'],
  },
  'a first day before the window': {
    sql: `update price_bars set first_day = first_day - 30 where ${CALENDAR} and bar_seq = 1`,
    found: [`days_outside_window ${WEEKLY}`],
  },
  'a point on another day than its bar': {
    sql: `update ema_points set day = day - 1 where ${ROLLING} and bar_seq = 20`,
    found: ['point_off_closing_day multi_tf 7D'],
  },
  'a v2 checkpoint on another day than its row': {
    sql: `update ema_points set day = day - 1 where ${V2} and bar_seq = 28`,
    found: ['point_off_closing_day v2 2D'],
  },
  'a point of a bar that is not there': {
    sql: `insert into ema_points select (jsonb_populate_record(p, '{"bar_seq": 9999}')).* from ema_points p
      where ${ROLLING} and bar_seq = 20`,
    found: ['point_off_closing_day multi_tf 7D'],
  },
  'a watermark behind its points': {
    sql: `insert into ema_series_lag select s.id, s.alignment, '1W_CAL_ISO', p.day, s.watermark_ts, 1, 1, 1
      from ema_asset_state s, ema_points p where s.id = 1 and s.alignment = 'cal_iso' and p.id = 1
        and p.alignment = 'cal_iso' and p.tf = '1W_CAL_ISO' order by p.day desc offset 1 limit 1`,
    found: [`point_beyond_watermark ${WEEKLY}`],
  },
  'a watermark beyond the 1D bars': {
    sql: `update ema_asset_state set watermark_day = watermark_day + 1 where id = 1 and alignment = 'v2'`,
    found: ['ema_watermark_beyond_bars v2 *'],
  },
  'a watermark beyond the bars of one series': {
    sql: `update price_bars_state set watermark_day = watermark_day - 1 where ${CALENDAR}
      and not is_closed`,
    found: [`ema_watermark_beyond_bars ${WEEKLY}`],
  },
  'a NULL among EMAs': {
    sql: `update ema_points set ema[2] = null where ${ROLLING} and bar_seq = 20`,
    found: ['ema_not_finite multi_tf 7D 9'],
  },
  'minus infinity among the EMAs of bars': {
    sql: `update ema_points set ema_bar[1] = '-Infinity' where ${ROLLING} and bar_seq = 20`,
    found: ['ema_bar_not_finite multi_tf 7D 6'],
  },
  'an EMA above every close': {
    sql: `update ema_points set ema[3] = 1e9 where ${CALENDAR} and bar_seq = 30`,
    found: [`ema_out_of_range ${WEEKLY} 10`],
  },
  'a daily EMA below every close': {
    sql: `update ema_points set ema[1] = 1e-9 where ${DAILY} and bar_seq = 30`,
    found: ['ema_out_of_range multi_tf 1D 6'],
  },
  'a v2 EMA above every close': {
    sql: `update ema_points set ema[1] = 1e9 where ${V2} and bar_seq = 28`,
    found: ['ema_out_of_range v2 2D 6'],
  },
  'an EMA of bars above every close': {
    sql: `update ema_points set ema_bar[1] = 1e9 where ${CALENDAR} and bar_seq = 30`,
    found: [`ema_bar_out_of_range ${WEEKLY} 6`],
  },
  'a carry above every close': {
    sql: `update ema_state set ema_bar[2] = 1e9 where ${ROLLING}`,
    found: ['ema_bar_out_of_range multi_tf 7D 9'],
  },
};

const wordsOf = ({ violation, alignment, tf, period }: Violation) =>
  `${violation} ${alignment} ${tf}${period === 0 ? '' : ` ${period}`}`;

test('a built warehouse gives no finding, nor does an asset without a row', async () => {
  await database.read(async (tx) => {
    expect(await validate(tx)).toEqual([]);
    expect(await validate(tx, 52)).toEqual([]);
  });
});

describe('damage is found', () => {
  test.each(Object.entries(DAMAGES))('%s', async (_what, { sql, found }) => {
    const violations = await inRolledBack(database, async (_database, tx) => {
      expect(await tx.execute(sql)).toBe(1);
      return validate(tx);
    });
    expect(violations.map(wordsOf).sort()).toEqual(found);
  });

  test('of every kind', () => {
    const kinds = Object.values(DAMAGES).flatMap(({ found }) => found.map((words) => words.split(' ')[0]));
    expect([...new Set(kinds)].sort()).toEqual([...VIOLATIONS].sort());
  });

  test('EMAs that wait for their repair are not judged by bars that have changed', async () => {
    const violations = await inRolledBack(database, async (_database, tx) => {
      await tx.execute(`update ema_asset_state set repair_from = watermark_day - 99, watermark_day = watermark_day - 100
        where id = 1`);
      await tx.execute(`update ema_points set ema[1] = 1e9 where ${ROLLING} and day > (
        select watermark_day from ema_asset_state where id = 1 and alignment = 'multi_tf')`);
      return validate(tx);
    });
    expect(violations).toEqual([]);
  });
});

describe('damage that the database refuses', () => {
  test.each([
    ['NaN among EMAs', `update ema_points set ema[1] = 'NaN' where ${ROLLING}`, 'ema_points_ema_check'],
    [
      'infinite EMAs',
      `update ema_points set ema_bar[1] = 'Infinity' where ${ROLLING}`,
      'ema_points_ema_bar_check',
    ],
    ['NaN in a carry', `update ema_state set ema[1] = 'NaN' where ${V2}`, 'ema_carry_ema_check'],
    ['NULL in a carry', `update ema_state set ema[1] = null where ${V2}`, 'ema_carry_ema_check'],
    ['NaN as a close', `update price_bars set close = 'NaN' where ${ROLLING}`, 'price_bars_close_check'],
    [
      'two rows of one bar_seq',
      `insert into price_bars select * from price_bars where ${ROLLING} and bar_seq = 3`,
      'price_bars_pkey',
    ],
    [
      'two 1D bars of one timestamp',
      `update cmc_price_bars_1d b set timestamp = (select timestamp from cmc_price_bars_1d where id = 1 and bar_seq = 8)
       where id = 1 and bar_seq = 9`,
      'cmc_price_bars_1d_id_timestamp_key',
    ],
  ])('%s', async (_what, sql, constraint) => {
    const refused = database.transaction((tx) => tx.execute(sql));
    await expect(refused).rejects.toMatchObject({ constraint });
  });
});

test('findings are replaced: what is repaired goes, what stays keeps its age, equal ones are not written', async () => {
  const [at, other] = [1_700_000_000_123_456, Number.POSITIVE_INFINITY];
  const base = { alignment: 'multi_tf', tf: '7D', period: 0, tsUs: at, barSeq: 3, detail: 'why' } as const;
  const first: Violation[] = [
    { ...base, violation: 'closed_early' },
    { ...base, violation: 'closed_early', barSeq: 4, detail: 'the same key once more' },
    { ...base, violation: 'closing_day_wrong', tsUs: other },
  ];
  const read = () =>
    database.read((tx) =>
      tx.query('select violation, ts, bar_seq, detail, found_at from ema_rejects where id = 7 order by 1'),
    );
  const write = (found: Violation[]) => database.transaction((tx) => upsertFindings(tx, 7, found));
  expect(await write(first)).toBe(2);
  const rows = await read();
  expect(rows.map((row) => row.slice(0, 4))).toEqual([
    ['closed_early', at, 3, 'why'],
    ['closing_day_wrong', other, 3, 'why'],
  ]);
  expect(await write(first)).toBe(0);
  expect(await write([{ ...base, violation: 'closed_early', detail: 'otherwise' }])).toBe(2);
  expect(await read()).toEqual([['closed_early', at, 3, 'otherwise', rows[0]?.[4]]]);
  expect(await write([])).toBe(1);
  expect(await read()).toEqual([]);
});
