/** compare: EMAs of nine anchored months, whose groups begin again each year in the origin, and overlap. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Day, formatDay } from '../../src/domain/calendar/day.js';
import { readReport, runCompare, whilePlanted } from '../support/comparing.js';
import { createOriginTables, keepOriginSeries, ORIGIN, writeOrigin } from '../support/origin/warehouse.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

/** Four ends of groups at least: enough for EMAs of three bars. */
const DAYS = 1500;
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

test('they are explained one by one', async () => {
  const { assets } = await report(0);
  const table = assets[0]?.tables.find((each) => each.table === EMAS);
  expect(table?.differing).toBeGreaterThan(100);
  expect(table).toMatchObject({ unexplained: 0, explained: { anchored_months: table?.differing } });
});

test('one that is none of them is unexplained', async () => {
  const at = `period = 3 and tf = '9M_CAL_ANCHOR' and ts = (select max(ts) from ${ORIGIN}.${EMAS})`;
  const plant = [
    `update ${ORIGIN}.${EMAS} set ema_bar = ema_bar * 1.000001 where ${at}`,
    `update ${ORIGIN}.${EMAS} set ema_bar = ema_bar / 1.000001 where ${at}`,
  ] as const;
  const { first, unexplained } = await whilePlanted(warehouse, plant, () => report(1));
  expect(unexplained).toBe(1);
  expect(first).toMatchObject({ table: EMAS, period: 3, day: formatDay(lastDay) });
});

describe('a column more or less', () => {
  const table = `${ORIGIN}.cmc_price_bars_multi_tf`;
  const args = ['--ids', '1', '--tfs', '2D'];

  test('on their side ends nothing: the others are compared', async () => {
    await warehouse.execute(`alter table ${table} rename column volume to volume_of_theirs`);
    await warehouse.execute(`alter table ${table} add column later text default 'x'`);
    await warehouse.execute(`alter table ${table} alter column pos_in_bar type text`);
    try {
      const { assets, unexplained } = await readReport(warehouse, 0, args);
      const found = assets[0]?.tables.find((each) => each.table === 'cmc_price_bars_multi_tf');
      expect([unexplained, found?.theirs, found?.leftOut]).toEqual([
        ...[0, DAYS],
        ['column "pos_in_bar" is not a number'],
      ]);
      const { stdout } = await expectExit(0, runCompare(warehouse, args));
      expect(stdout).toContain(
        '[WARNING] cmc_price_bars_multi_tf: column "pos_in_bar" is not a number, and is not compared',
      );
    } finally {
      await warehouse.execute(`alter table ${table} alter column pos_in_bar type int using pos_in_bar::int`);
      await warehouse.execute(`alter table ${table} drop column later`);
      await warehouse.execute(`alter table ${table} rename column volume_of_theirs to volume`);
    }
  });

  test('without the columns that find a row its table alone is left out, and the verdict says so', async () => {
    await warehouse.execute(`alter table ${table} rename column tf to timeframe`);
    try {
      const { stdout } = await expectExit(1, runCompare(warehouse, args));
      expect(stdout).toContain(
        `[FAILED] not compared: ${ORIGIN}.cmc_price_bars_multi_tf: column "tf" is missing`,
      );
      expect(stdout).toMatch(/^\[OK\] 1 \d+ rows/m);
    } finally {
      await warehouse.execute(`alter table ${table} rename column timeframe to tf`);
    }
  });
});
