/** compare: EMAs of nine anchored months, whose groups begin again each year in the origin, and overlap. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Day, formatDay } from '../../src/domain/calendar/day.js';
import { readReport, whilePlanted } from '../support/comparing.js';
import { createOriginTables, keepOriginSeries, ORIGIN, writeOrigin } from '../support/origin.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

/** Eight ends of groups at least: enough for EMAs of six bars. */
const DAYS = 1500;
const BARS = 'cmc_price_bars_multi_tf_cal_anchor_us';
const EMAS = 'cmc_ema_multi_tf_cal_anchor_us';
const ARGS = ['--tfs', '9M_CAL_ANCHOR'];

let warehouse: Warehouse;
let lastDay: Day;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: DAYS }]);
  await keepOriginSeries(warehouse);
  // In the middle of a group, so that no bar closes on it.
  await warehouse.execute(
    `update cmc_price_histories7 set volume = null
     where timestamp = (select max(timestamp) from cmc_price_histories7 where extract(month from timestamp) = 8)`,
  );
  await expectExit(0, warehouse.run(['refresh', '--all']));
  await createOriginTables(warehouse);
  await writeOrigin(warehouse, 1);
  const [row] = await warehouse.query<[Day]>('select max(timestamp)::date from cmc_price_histories7');
  lastDay = row?.[0] ?? 0;
});
afterAll(() => warehouse?.drop());

const report = (code: number) => readReport(warehouse, code, ARGS);

test('they are explained one by one: those of the bars of theirs', async () => {
  const { assets } = await report(0);
  const table = assets[0]?.tables.find((each) => each.table === EMAS);
  expect(table?.differing).toBeGreaterThan(100);
  expect(table).toMatchObject({ unexplained: 0, explained: { anchored_months: table?.differing } });
  expect(table?.explained.null_amount).toBeGreaterThan(0);
});

test('one that is none of them is unexplained', async () => {
  const at = `ts = (select max(ts) from ${ORIGIN}.${EMAS})`;
  const plant = [
    `update ${ORIGIN}.${EMAS} set ema_bar = ema_bar * 1.000001 where ${at}`,
    `update ${ORIGIN}.${EMAS} set ema_bar = ema_bar / 1.000001 where ${at}`,
  ] as const;
  const { first, unexplained } = await whilePlanted(warehouse, plant, () => report(1));
  expect(unexplained).toBe(1);
  expect(first).toMatchObject({ table: EMAS, period: 6, day: formatDay(lastDay) });
});

test('they follow the days on which bars of theirs closed, and only ends of groups are such days', async () => {
  const bars = `${ORIGIN}.${BARS}`;
  const first = `time_close = (select min(time_close) from ${bars} where tf = '9M_CAL_ANCHOR' and not is_partial_end)`;
  await warehouse.execute(
    `create table closed as select * from ${bars} where not is_partial_end and ${first}`,
  );
  const plant = [
    `update ${bars} set is_partial_end = true where not is_partial_end and ${first}`,
    `update ${bars} b set is_partial_end = false from closed c
     where (b.tf, b.bar_seq, b.time_close) = (c.tf, c.bar_seq, c.time_close)`,
  ] as const;
  const { assets } = await whilePlanted(warehouse, plant, () => report(1));
  const wrong = assets[0]?.tables.filter(({ unexplained }) => unexplained > 0) ?? [];
  expect(wrong.map(({ table }) => table)).toEqual([BARS, EMAS]);
  await report(0);
});

test('without the bars of theirs every group is taken to have closed on its last day', async () => {
  await warehouse.execute(`alter table ${ORIGIN}.${BARS} rename to hidden`);
  try {
    expect((await report(0)).explained.anchored_months).toBeGreaterThan(100);
  } finally {
    await warehouse.execute(`alter table ${ORIGIN}.hidden rename to ${BARS}`);
  }
});
