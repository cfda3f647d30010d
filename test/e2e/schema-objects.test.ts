/** doctor finds views, functions, indexes and triggers that were dropped or changed; migrate makes them again. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SERVERS } from '../support/each-server.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  const run = (...args: string[]) => warehouse.run(args, { env: { TARGET_DB_URL: warehouse.url } });
  const objectsOf = async () => {
    const { stdout } = await run('doctor');
    return /^\[(\w+)\] schema objects: (.*)$/m.exec(stdout)?.slice(1);
  };

  beforeAll(async () => {
    warehouse = await createWarehouse(options, [{ ids: [1], days: 10 }]);
    await expectExit(0, warehouse.run(['refresh', '--all']));
  });
  afterAll(() => warehouse?.drop());

  test('a whole schema is said to be whole, and migrate makes nothing; a runner may not look', async () => {
    expect(await objectsOf()).toEqual(['OK', 'views, functions, indexes and triggers are as they were made']);
    expect((await expectExit(0, run('migrate'))).stdout).toBe('[OK] schema public is up to date\n');
    expect((await warehouse.run(['doctor'])).stdout).toMatch(
      /^\[OK\] schema objects: .* were not compared: /m,
    );
  });

  test('what is missing or changed is named, put back, and the numbers are the same', async () => {
    const read = () => warehouse.query("select * from ema_series(1, '7D', 10, '2000-01-01') order by ts");
    const before = await read();
    await warehouse.execute('drop index refresh_asset_by_id');
    await warehouse.execute('drop view cmc_price_bars_multi_tf_cal_us cascade');
    await warehouse.execute('alter function price_change_note_delete() cost 4711');
    const [verdict, words] = (await objectsOf()) ?? [];
    expect(verdict).toBe('FAILED');
    expect(words).toMatch(
      /missing: .*view cmc_price_bars_multi_tf_cal_us.*index refresh_asset_by_id.*; changed: function price_change_note_delete\(\)/,
    );
    expect(words).toMatch(/"barwright migrate" makes them again$/);
    const repaired = await expectExit(0, run('migrate'));
    expect(repaired.stdout).toContain(
      '[OK] view cmc_price_bars_multi_tf_cal_us was missing, and is there again\n',
    );
    expect(repaired.stdout).toContain('[OK] index refresh_asset_by_id was missing, and is there again\n');
    expect(repaired.stdout).toMatch(
      /\[OK\] function price_change_note_delete\(\) was changed, and is as it was made\n/,
    );
    expect(await objectsOf()).toEqual(['OK', 'views, functions, indexes and triggers are as they were made']);
    expect(await read()).toEqual(before);
  });
});
