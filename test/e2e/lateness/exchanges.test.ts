/** The program over real calendars: nothing is said of assets that have every session, and one that lacks some is named. */
import { afterEach, expect, test } from 'vitest';
import { listExpected } from '../../../src/domain/calendar/calendar.js';
import { formatDay } from '../../../src/domain/calendar/day.js';
import { exchangeCalendar } from '../../../src/domain/calendar/exchanges.js';
import { writePrices } from '../../support/prices.js';
import { createWarehouse, expectDays, expectExit, type Warehouse } from '../../support/warehouse.js';

const MARKETS = ['XNYS', 'XETR', 'XTKS', 'daily'] as const;
const DAYS = 80;
let warehouse: Warehouse;
afterEach(() => warehouse.drop());

const YESTERDAY = Math.floor(Date.now() / 86_400_000) - 1;

function sessionsOf(market: (typeof MARKETS)[number]): number[] {
  const calendar = exchangeCalendar(market);
  if (calendar === null) return Array.from({ length: DAYS }, (_, k) => YESTERDAY - DAYS + 1 + k);
  return listExpected(calendar, YESTERDAY - DAYS, YESTERDAY);
}

test('New York, Frankfurt, Tokyo and a coin: level with every session; two that lack are late, by name and since when', async () => {
  warehouse = await createWarehouse();
  await expectDays(warehouse);
  for (const [index, market] of MARKETS.entries()) {
    const id = index + 1;
    await writePrices(warehouse.database, { ids: [id], days: DAYS });
    const days = sessionsOf(market).map(formatDay);
    await warehouse.execute(
      'delete from cmc_price_histories7 where id = $1 and timestamp::date <> all($2::date[])',
      [id, days],
    );
    await expectExit(0, warehouse.run(['asset', 'add', String(id), '--symbol', market]));
    await expectExit(0, warehouse.run(['asset', 'calendar', String(id), market]));
  }
  const { code, report } = await warehouse.report(['refresh', '--all', '--strict', '--late-after', '0']);
  expect([code, report.late, report.components[0]?.gaps]).toEqual([0, [], 0]);
  await expectExit(0, warehouse.run(['check', '--late-after', '0']));
  expect((await expectExit(0, warehouse.run(['explain', '1']))).stdout).not.toContain('gaps');

  for (const id of [2, 4]) {
    const newest = sessionsOf(MARKETS[id - 1] ?? 'daily')
      .slice(-2)
      .map(formatDay);
    await warehouse.execute(
      'delete from cmc_price_histories7 where id = $1 and timestamp::date = any($2::date[])',
      [id, newest],
    );
  }
  const late = await warehouse.report(['refresh', '--all']);
  expect(late.code).toBe(3);
  expect(
    late.report.late.map(({ id, firstMissing, missingDays }) => [id, firstMissing, missingDays]),
  ).toEqual([2, 4].map((id) => [id, formatDay(sessionsOf(MARKETS[id - 1] ?? 'daily').at(-2) as number), 2]));
  await expectExit(1, warehouse.run(['check']));
});

test('a day that nearly all assets of a calendar lack explains a gap, and is a gap all the same', async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 2, 3, 4], days: 70 }]);
  await expectDays(warehouse);
  await warehouse.execute(`delete from cmc_price_histories7 where timestamp::date = current_date - 20`);
  await warehouse.execute(
    `delete from cmc_price_histories7 where id = 1 and timestamp::date = current_date - 30`,
  );
  await expectExit(0, warehouse.run(['refresh', '--all']));
  const { stdout } = await expectExit(0, warehouse.run(['explain', '1', '--json']));
  const { gaps } = JSON.parse(stdout);
  expect(gaps).toMatchObject({ count: 2, days: 2 });
  expect(gaps.newest.map(({ isShared }: { isShared: boolean }) => isShared)).toEqual([true, false]);
  expect((await expectExit(0, warehouse.run(['explain', '1']))).stdout).toContain(
    'nearly all assets of its calendar lack it',
  );
});
