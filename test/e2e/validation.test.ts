/** refresh --validate: findings are warnings and rows of ema_rejects; they stop nothing and go when they are repaired. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { unwrapped } from '../support/cli.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1, 52], days: 120 }]);
  await expectExit(0, warehouse.run(['refresh', '--all']));
});
afterAll(() => warehouse?.drop());

const listRejects = () =>
  warehouse.query<[number, string, string, number, string]>(
    'select id, violation, tf, period, detail from ema_rejects order by id, violation, tf, period',
  );

test('of a sound warehouse nothing is found, and a run without the option does not look', async () => {
  const sound = await warehouse.report(['refresh', '--all', '--validate']);
  expect(sound.code).toBe(0);
  expect(sound.report.warnings).toEqual([]);
  expect(sound.report.validation).toMatchObject({ assets: 2, findings: 0, ids: [], first: [], error: null });
  expect(sound.stderr).toContain('[OK] validation: 2 assets judged, nothing found; ');
  expect((await warehouse.report(['refresh', '--all'])).report.validation).toBeNull();
});

test('damage is named in the summary and kept in ema_rejects; the run is as good as without', async () => {
  await warehouse.execute(
    `update ema_points set ema[1] = 1e9 where id = 52 and alignment = 'multi_tf' and tf = '3D' and bar_seq = 20`,
  );
  await warehouse.execute(
    `delete from price_bars where id = 52 and alignment = 'cal_us' and tf = '1W_CAL_US' and bar_seq = 3`,
  );
  const { code, report, stderr } = await warehouse.report(['refresh', '--all', '--validate']);
  expect(code).toBe(0);
  expect(report.verdict).toBe('OK: everything asked for is done');
  expect(report.validation).toMatchObject({ assets: 2, findings: 2, ids: [52] });
  expect(report.warnings).toHaveLength(1);
  expect(report.warnings[0]).toMatch(
    /^validation: 2 findings in 1 asset: ID 52 multi_tf 3D period 6, 2.*: ema_out_of_range, expected .* found 1000000000; ID 52 cal_us 1W_CAL_US, 2.*: closing_row_missing, window 3 ended with /,
  );
  expect(stderr).toContain('[WARNING] validation: 2 assets judged, findings are in ema_rejects; ');
  expect(unwrapped(stderr)).toContain(`[WARNING] ${report.warnings[0]}`);
  expect((await listRejects()).map((row) => row.slice(0, 4))).toEqual([
    [52, 'closing_row_missing', '1W_CAL_US', 0],
    [52, 'ema_out_of_range', '3D', 6],
  ]);
});

test('findings of assets that are not validated stay; those that are repaired go', async () => {
  await expectExit(0, warehouse.run(['bars', '--ids', '1', '--validate']));
  expect(await listRejects()).toHaveLength(2);
  await expectExit(0, warehouse.run(['refresh', '--all', '--full-rebuild', '--ids', '52']));
  expect(await listRejects()).toHaveLength(2);
  await expectExit(0, warehouse.run(['emas', '--validate']));
  expect(await listRejects()).toEqual([]);
});

test('many findings are counted, five are named, a thousand of an asset are kept', async () => {
  await warehouse.execute(
    'update ema_points set ema = array_fill(1e9::float8, array[cardinality(ema)]) where id = 1',
  );
  const { code, report } = await warehouse.report(['emas', '--validate']);
  expect(code).toBe(0);
  expect(report.validation?.findings).toBeGreaterThan(1000);
  expect(report.validation?.first).toHaveLength(5);
  expect(report.warnings[0]).toMatch(/; … and \d+ more in ema_rejects$/);
  expect(await listRejects()).toHaveLength(1000);
  await expectExit(0, warehouse.run(['refresh', '--all', '--full-rebuild', '--ids', '1', '--validate']));
  expect(await listRejects()).toEqual([]);
});

test('a purge takes the findings of its asset along', async () => {
  await warehouse.execute(
    `insert into ema_rejects (id, alignment, tf, period, ts, violation, detail)
     values (1, 'v2', '2D', 0, now(), 'closed_early', 'why'), (52, 'v2', '2D', 0, now(), 'closed_early', 'why')`,
  );
  await expectExit(0, warehouse.run(['asset', 'purge', '1', '--yes']));
  expect((await listRejects()).map(([id]) => id)).toEqual([52]);
});

test('a validation that cannot read says so as a warning', async () => {
  await warehouse.execute('alter table ema_rejects rename to elsewhere');
  const { code, report } = await warehouse.report(['refresh', '--all', '--validate']);
  expect(code).toBe(0);
  expect(report.warnings).toEqual([
    expect.stringMatching(/^validation stopped: relation "ema_rejects" does not exist/),
  ]);
});
