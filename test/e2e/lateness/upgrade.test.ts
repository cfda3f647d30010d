/** At the upgrade: one list of who is late and who has ceased, and one command that settles the old ones. */
import { afterEach, expect, test } from 'vitest';
import { migrate } from '../../../src/storage/schema/migrate.js';
import { createEmptyDatabase } from '../../support/database.js';
import { expectExit, type Warehouse, warehouseOf } from '../../support/warehouse.js';

let warehouse: Warehouse;
afterEach(() => warehouse?.drop());

/** The last migration before calendars. */
const BEFORE_CALENDARS = 23;

/** Assets with bars whose newest day lies so many days back. */
async function createOld(daysAgo: readonly number[]): Promise<void> {
  warehouse = warehouseOf(await createEmptyDatabase());
  await migrate(warehouse.database, { through: BEFORE_CALENDARS });
  await warehouse.execute(
    `insert into dim_assets (id, symbol) select n, 'COIN' || n from generate_series(1, $1::int) n`,
    [daysAgo.length],
  );
  await warehouse.execute(
    `insert into cmc_price_bars_1d_state (id, last_src_ts, daily_min_seen, first_day, last_day, bar_seq, src_rows, src_hash, source)
     select n, (day + 1)::timestamp at time zone 'UTC' - interval '1 ms', (day - 9)::timestamp at time zone 'UTC', day - 9, day,
       10, 10, 0, 'cmc_price_histories7'
     from unnest($1::int[]) with ordinality given (ago, n), lateral (select current_date - ago as day) d`,
    [daysAgo],
  );
}

test('migrate lists them, each with since when and what to type; the command settles those that have ceased', async () => {
  await createOld([1, 4, 60, 400]);
  const { stdout } = await expectExit(0, warehouse.run(['migrate']));
  const [applied, ...lines] = stdout.trimEnd().split('\n');
  expect(applied).toMatch(/^\[OK\] schema public: applied .*024_calendars/);
  expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toMatch(
    new RegExp(
      '^\\[WARNING\\] 2 assets \\(COIN3 \\(3\\), COIN4 \\(4\\)\\): ceased: the worst COIN4 \\(4\\): no price since \\S+, 399 expected days missing; ' +
        '.*others of the source arrive.* since \\S+ 00:00 UTC \\(\\S+ days\\); type: barwright asset calendar ceased none ' +
        '\\[WARNING\\] COIN2 \\(2\\): late: no price since \\S+, 3 expected days missing; .*a run ends with 3 until they arrive .*type: barwright refresh --all$',
    ),
  );
  const settled = await expectExit(0, warehouse.run(['asset', 'calendar', 'ceased', 'none']));
  expect(settled.stdout).toBe(
    '[OK] asset 3: none: no new day is expected\n[OK] asset 4: none: no new day is expected\n',
  );
  expect((await expectExit(0, warehouse.run(['migrate']))).stdout).toBe('[OK] schema public is up to date\n');
});

test('migrate is silent where nobody is late', async () => {
  await createOld([1, 2]);
  const { stdout } = await expectExit(0, warehouse.run(['migrate']));
  expect(stdout.trimEnd().split('\n')).toEqual([expect.stringMatching(/^\[OK\] schema public: applied /)]);
});
