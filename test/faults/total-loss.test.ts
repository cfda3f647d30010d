/** What is stored is lost, as a whole or a table of it: verify does not call nothing equal to a rebuild. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SERVERS } from '../support/each-server.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2];
const BARS = ['price_bars', 'bar_carry'];
const EMAS = ['ema_points', 'ema_carry'];
const DAILY = ['cmc_price_bars_1d', 'cmc_price_bars_1d_state', 'cmc_price_bars_1d_rejects'];
const ALL = [...DAILY, ...BARS, ...EMAS];
const TABLES = [...ALL, 'dim_assets', 'price_change'];

describe.each(SERVERS)('on $server', ({ options }) => {
  let warehouse: Warehouse;
  beforeAll(async () => {
    warehouse = await createWarehouse(options, [{ ids: IDS, days: 60 }]);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    await warehouse.execute('create schema kept');
    for (const table of TABLES)
      await warehouse.execute(`create table kept.${table} as select * from ${table}`);
  });
  afterAll(() => warehouse?.drop());
  beforeEach(() => expectExit(0, warehouse.run(['verify', '--source'])));
  afterEach(async () => {
    for (const table of [...TABLES].reverse()) await warehouse.execute(`delete from ${table}`);
    for (const table of TABLES) await warehouse.execute(`insert into ${table} select * from kept.${table}`);
    await warehouse.execute('delete from price_change');
  });

  test('everything of an asset, and everything of all: each day that the source has is missing', async () => {
    for (const table of ALL) await warehouse.execute(`delete from ${table} where id = 2`);
    const one = await expectExit(1, warehouse.run(['verify', '--source']));
    expect(one.stdout).toMatch(
      /\[OK\] 1 .*\n\[FAILED\] 2 0 bars 0 points .* \(cmc_price_bars_1d 60, cmc_price_bars_1d_state 1\)/,
    );
    expect(one.stdout).toContain('days that differ from the source: 60');
    const plain = await expectExit(0, warehouse.run(['verify']));
    expect(plain.stdout).toMatch(/\[SKIPPED\] 2: nothing is stored of it\n.*nothing stored of 1: 2/);
    await warehouse.execute(`truncate ${ALL.join(', ')}`);
    const all = await expectExit(1, warehouse.run(['verify', '--source', '--json']));
    const { assets } = JSON.parse(all.stdout) as { assets: { id: number; differences: number }[] };
    expect(assets.map(({ id, differences }) => [id, differences])).toEqual([
      [1, 61],
      [2, 61],
    ]);
  });

  test('the assets too: those of the source are named', async () => {
    await warehouse.execute(`truncate ${ALL.join(', ')}, dim_assets cascade`);
    const { stdout } = await expectExit(1, warehouse.run(['verify', '--source']));
    for (const id of IDS) expect(stdout).toMatch(new RegExp(`\\[FAILED\\] ${id} 0 bars 0 points`));
  });

  test.each([
    ['bars', BARS, /not built: \d{3} series of bars/],
    ['EMAs', EMAS, /not built: 0 series of bars, \d+ of EMAs/],
    ['bars and EMAs', [...BARS, ...EMAS], /not built: \d{3} series of bars, [1-9]\d* of EMAs/],
  ])('all %s are named as not built, for nothing speaks of them any more', async (_what, tables, words) => {
    await warehouse.execute(`truncate ${tables.join(', ')}`);
    expect((await warehouse.run(['verify'])).stdout).toMatch(words);
  });

  test('the newest days with the state that says how far they went', async () => {
    await warehouse.execute(`delete from cmc_price_bars_1d where id = 1 and bar_seq > 50`);
    await warehouse.execute('delete from cmc_price_bars_1d_state where id = 1');
    const { stdout } = await expectExit(1, warehouse.run(['verify', '--source']));
    expect(stdout).toContain('days that differ from the source: 10');
  });

  test.each(['repaired_timehigh', 'repaired_timelow', 'repaired_high', 'repaired_low'])(
    'a flag of a 1D bar: with and without the source, %s',
    async (flag) => {
      await warehouse.execute(
        `update cmc_price_bars_1d set ${flag} = not ${flag} where id = 1 and bar_seq = 30`,
      );
      for (const args of [['verify'], ['verify', '--source']]) {
        const { stdout } = await expectExit(1, warehouse.run(args));
        expect(stdout).toMatch(
          new RegExp(`cmc_price_bars_1d bar_seq 30 \\(.*\\) ${flag}: stored true, expected false`),
        );
      }
    },
  );

  test('an asset whose newest work failed is named', async () => {
    await warehouse.execute('delete from cmc_price_histories7 where id = 2');
    await expectExit(1, warehouse.run(['refresh', '--bars']));
    const { stdout } = await warehouse.run(['verify']);
    expect(stdout).toMatch(/its newest work failed: bars: all 60 source rows have vanished/);
  });
});
