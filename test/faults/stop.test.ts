/** What would meet every asset: no more are started, what is committed stays, and the message says what to do. */
import { beforeEach, expect, test } from 'vitest';
import { unwrapped } from '../support/cli.js';
import { createWarehouse, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

/** Two batches of 25. */
const IDS = Array.from({ length: 40 }, (_, index) => index + 1);

let warehouse: Warehouse;

beforeEach(async () => {
  warehouse = await createWarehouse({}, [{ ids: IDS, days: 5 }]);
  return () => warehouse.drop();
});

/** The server's own error, from the second batch on. */
const refuseWith = (condition: string) =>
  warehouse.execute(
    `create function refuse() returns trigger language plpgsql as
       $$ begin raise ${condition} using message = 'as ordered'; end $$;
     create trigger refuse before insert on cmc_price_bars_1d for each row when (new.id > 25) execute function refuse()`,
  );

test.each([
  ['disk_full', /the disk of the database is full: make room on it, then run again: as ordered/],
  ['insufficient_privilege', /a right is missing: grant it to the role .*, then run again: as ordered/],
])(
  '%s: exit 1, the first batch stays, every other asset has an outcome that says why',
  async (condition, advice) => {
    await refuseWith(condition);
    const { code, stderr, report } = await warehouse.report(['refresh', '--all']);
    expect(code).toBe(1);
    expect(outcomesOf(report, 'bars')).toEqual(IDS.map((id) => `${id} ${id <= 25 ? 'ok' : 'failed'}`));
    for (const id of [26, 40]) expect(reasonOf(report, 'bars', id)).toMatch(advice);
    expect(reasonOf(report, 'bars', 40)).toMatch(
      /^not finished: no more assets are started, what is committed stays; /,
    );
    expect(unwrapped(stderr)).toMatch(advice);
    expect(report.components[1]).toMatchObject({ component: 'emas', notRun: true });
    expect(await warehouse.query('select count(*) from cmc_price_bars_1d_state')).toEqual([[25]]);
    // It is nobody's own fault.
    expect(await warehouse.query('select * from asset_quarantine')).toEqual([]);
  },
);

test('with --continue-on-error every asset is tried, and fails by its own', async () => {
  await refuseWith('disk_full');
  const { code, report } = await warehouse.report(['refresh', '--bars', '--continue-on-error']);
  expect(code).toBe(1);
  expect(reasonOf(report, 'bars', 40)).toBe('as ordered (SQLSTATE 53100)');
  expect(await warehouse.query('select * from asset_quarantine')).toEqual([]);
});
