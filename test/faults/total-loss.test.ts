/** What is stored is lost, as a whole or a table of it: verify does not call nothing equal to a rebuild. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SERVERS } from '../support/each-server.js';
import { cloneWarehouse, createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2];
const BARS = ['price_bars', 'bar_carry'];
const EMAS = ['ema_points', 'ema_carry'];
const INDICATORS = ['indicator_points', 'indicator_carry'];
const DAILY = ['cmc_price_bars_1d', 'cmc_price_bars_1d_state', 'price_rejects'];
/** What was built is written beside: a loss of everything takes it too. */
const ALL = [...DAILY, ...BARS, ...EMAS, ...INDICATORS, 'series_built'];
const KEPT = ['series_built', 'dim_timeframe'];

describe.each(SERVERS)('on $server', ({ options }) => {
  let whole: Warehouse;
  let warehouse: Warehouse;
  beforeAll(async () => {
    whole = await createWarehouse(options, [{ ids: IDS, days: 60 }]);
    await expectExit(0, whole.run(['indicator', 'add', 'sma_3', 'rsi_14']));
    await expectExit(0, whole.run(['refresh', '--all']));
    await whole.execute('create schema kept');
    for (const table of KEPT) await whole.execute(`create table kept.${table} as select * from ${table}`);
    await expectExit(0, whole.run(['verify', '--source']));
    await whole.database.close();
  });
  afterAll(() => whole?.drop());
  beforeEach(async () => {
    warehouse = await cloneWarehouse(whole, options);
  });
  afterEach(() => warehouse?.drop());

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
    ['bars', BARS, /\(price_bars_state 222, price_bars \d+\)/],
    ['EMAs', EMAS, /\(ema_asset_state 6, ema_state \d+, ema_points \d+\)/],
    [
      'bars and EMAs',
      [...BARS, ...EMAS],
      /\(price_bars_state 222, price_bars \d+, ema_asset_state 6, ema_state/,
    ],
    ['indicators', INDICATORS, /\(indicator_carry 223, indicator_points \d+\)/],
  ])(
    'all %s: with and without the source, until a refresh has built them again',
    async (_what, tables, words) => {
      await warehouse.execute(`truncate ${tables.join(', ')}`);
      for (const args of [['verify'], ['verify', '--source']]) {
        const { stdout } = await expectExit(1, warehouse.run(args));
        expect(stdout).toMatch(words);
        expect(stdout).toMatch(/series that were built and are gone: \d{2,3}\n/);
        expect(stdout).not.toContain('not built:');
        expect(stdout).toContain('"barwright refresh --all --ids 1,2" builds series that are gone');
      }
      await expectExit(0, warehouse.run(['refresh', '--all']));
      await expectExit(0, warehouse.run(['verify', '--source']));
    },
  );

  test('one series, with its rows and its part of the state', async () => {
    await warehouse.execute(`delete from price_bars where id = 2 and alignment = 'multi_tf' and tf = '7D'`);
    await warehouse.execute(`delete from bar_carry where id = 2 and alignment = 'multi_tf'`);
    const { stdout } = await expectExit(1, warehouse.run(['verify']));
    expect(stdout).toMatch(/\[OK\] 1 .*\n\[FAILED\] 2 /);
    // Those of the alignment that have no closed bar are gone with their state.
    expect(stdout).toMatch(/series that were built and are gone: \d+\n/);
    expect(stdout).toMatch(/price_bars 8\)/);
  });

  test('some series of indicators: named one by one, until a refresh has built them again', async () => {
    for (const table of INDICATORS) await warehouse.execute(`delete from ${table} where id = 2`);
    await warehouse.execute(`delete from series_built where component = 'indicators'`);
    await warehouse.execute(
      `insert into series_built select * from kept.series_built where component = 'indicators' and id = 1`,
    );
    await expectExit(0, warehouse.run(['indicators', '--ids', '2', '--tfs', '7D']));
    await expectExit(0, warehouse.run(['verify']));
    await warehouse.execute(`delete from series_built where component = 'indicators'`);
    await warehouse.execute(
      `insert into series_built select * from kept.series_built where component = 'indicators'`,
    );
    const { stdout } = await expectExit(1, warehouse.run(['verify', '--verbose']));
    expect(stdout).toMatch(/^\[OK\] 1 /m);
    expect(stdout).toMatch(/^\[FAILED\] 2 /m);
    expect(stdout).toContain('indicator_carry cal_us 12M_CAL: missing (the series was built, and is gone)');
    expect(stdout).toMatch(/series that were built and are gone: 222\n/);
    await expectExit(0, warehouse.run(['state', 'rebuild', '--ids', '2']));
    await expectExit(1, warehouse.run(['verify']));
    await expectExit(0, warehouse.run(['refresh', '--all']));
  });

  test('indicators that were removed are no loss, and leave the list', async () => {
    await warehouse.execute('update dim_indicator set active = false');
    try {
      await expectExit(0, warehouse.run(['indicators']));
      const left = await warehouse.query(`select from series_built where component = 'indicators'`);
      expect(left).toEqual([]);
      await expectExit(0, warehouse.run(['verify']));
    } finally {
      await warehouse.execute('update dim_indicator set active = true');
    }
  });

  test('the list of what was built: its loss is seen, and restored from what is there', async () => {
    await warehouse.execute('delete from series_built where id = 1');
    const { stdout } = await expectExit(1, warehouse.run(['verify']));
    expect(stdout).toMatch(/\[FAILED\] 1 .*\(series_built \d{3,4}\)/);
    expect(stdout).toContain('the list of what was built lacks it');
    await expectExit(0, warehouse.run(['state', 'rebuild', '--ids', '1']));
    await expectExit(0, warehouse.run(['verify', '--source']));
    // What was lost stays on the list through a restore of states.
    await warehouse.execute(`delete from price_bars where id = 1 and alignment = 'cal_us'`);
    await warehouse.execute(`delete from bar_carry where id = 1 and alignment = 'cal_us'`);
    await warehouse.run(['state', 'rebuild', '--ids', '1']);
    await expectExit(1, warehouse.run(['verify']));
  });

  test('what was never built is no loss: named, and exit 0', async () => {
    await warehouse.execute(`insert into dim_timeframe values ('multi_tf', '6D') on conflict do nothing`);
    const { stdout } = await expectExit(0, warehouse.run(['verify', '--source']));
    expect(stdout).toContain('not built: 1 series of bars, 1 of EMAs');
    await warehouse.execute(`delete from dim_timeframe where tf in ('6D', '3D')`);
    try {
      expect((await warehouse.run(['verify', '--source'])).stdout).not.toContain('are gone');
    } finally {
      await warehouse.execute(
        'insert into dim_timeframe (alignment, tf) select alignment, tf from kept.dim_timeframe on conflict do nothing',
      );
    }
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
