/** Scenarios 6 to 8 of refresh.md: whose EMAs may run, and what `status` says of everybody. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AssetStatus } from '../../src/orchestration/inspect/status.js';
import { builtFile } from '../support/cli.js';
import { readVersions } from '../support/contents.js';
import { createEmptyDatabase } from '../support/database.js';
import { SERVERS } from '../support/each-server.js';
import { writePrices } from '../support/prices.js';
import { listDescendants } from '../support/processes.js';
import {
  createWarehouse,
  expectDays,
  expectExit,
  outcomesOf,
  reasonOf,
  type Warehouse,
  warehouseOf,
} from '../support/warehouse.js';

const { checkBarFreshness, getFreshIds } = (await import(
  builtFile('scripts/refresh-utils.js')
)) as typeof import('../../src/scripts/refresh-utils.js');

describe.each(SERVERS)('on $server', ({ options }) => {
  test('scenario 6: freshness by the database clock, inclusive at 48.0 hours', async () => {
    const bare = warehouseOf(await createEmptyDatabase(options));
    expect(await checkBarFreshness(bare.url, [7, 3])).toEqual(
      [3, 7].map((id) => ({
        id,
        lastSrcTs: null,
        isFresh: false,
        stalenessHours: null,
        reason: 'no_state',
      })),
    );
    expect(await checkBarFreshness(bare.url)).toEqual([]);
    // A view is computed when it is read: its ages are exact, whatever time passes in between.
    await bare.execute(
      `create view cmc_price_bars_1d_state (id, last_src_ts) as
       values (479, now() - interval '47.9 hours'), (480, now() - interval '48 hours'),
         (481, now() - interval '48.1 hours'), (5, null), (900, now() + interval '3 hours')`,
    );
    const results = await checkBarFreshness(bare.url, [900, 481, 480, 479, 5, 6]);
    expect(results.map(({ id, reason, isFresh }) => [id, reason, isFresh])).toEqual([
      [5, 'no_state', false],
      [6, 'no_state', false],
      [479, 'fresh', true],
      [480, 'fresh', true],
      [481, 'stale', false],
      [900, 'fresh', true],
    ]);
    expect(results.map(({ stalenessHours }) => stalenessHours)).toEqual([null, null, 47.9, 48, 48.1, -3]);
    expect(results.at(-1)?.lastSrcTs?.getTime()).toBeGreaterThan(Date.now() + 2.9 * 3_600_000);
    expect((await checkBarFreshness(bare.url)).map(({ id }) => id)).toEqual([5, 479, 480, 481, 900]);
    expect((await checkBarFreshness(bare.url, [481], 48.1))[0]?.reason).toBe('fresh');
    expect(await checkBarFreshness(bare.url, [])).toEqual([]);
    expect(await getFreshIds(bare.url, [])).toEqual([[], []]);
    expect(await getFreshIds(bare.url, [481, 5, 479])).toEqual([[479], [5, 481]]);
    await bare.drop();
  });

  describe('with prices', () => {
    let warehouse: Warehouse;

    beforeAll(async () => {
      warehouse = await createWarehouse(options, [
        { ids: [1], days: 80, endsDaysAgo: 5 },
        { ids: [52, 825], days: 80, endsDaysAgo: 9 },
      ]);
      await expectDays(warehouse);
      const { stdout } = await expectExit(3, warehouse.run(['refresh', '--bars']));
      expect(stdout).toContain('Overall: INCOMPLETE: 3 late');
    });
    afterAll(() => warehouse?.drop());

    test('scenario 7: --emas with every asset stale -> no EMA work, ids named, exit 3', async () => {
      const before = await readVersions(warehouse.database);
      let mostChildren = 0;
      let watch: NodeJS.Timeout | undefined;
      const { stdout } = await expectExit(
        3,
        warehouse.run(['refresh', '--emas'], {
          onStart: (pid) => {
            watch = setInterval(() => {
              mostChildren = Math.max(mostChildren, listDescendants(pid).length);
            }, 5);
          },
        }),
      );
      clearInterval(watch);
      expect(mostChildren).toBe(0);
      expect(stdout).toContain(
        '[WARNING] 3 IDs have stale bars: [1, 52, 825]\n[INFO] Consider running with --all to refresh bars first\n',
      );
      expect(stdout).toMatch(/\[SKIPPED\] Skipping ID 825 EMAs \(stale, last price \d+\.\d h ago\)\n/);
      expect(stdout).toMatch(/\[SKIPPED\] emas: 0 ok, 0 failed, 3 skipped\n/);
      expect(stdout).toMatch(
        /={70}\nOverall: INCOMPLETE: 3 skipped, 3 late, the rest is done \(exit 3\)\n\[WARNING\] emas, 3 assets \(.*\): .*skipped: stale, last price .*\n {4}since \d{4}-.*; type: barwright refresh --all\n/,
      );
      expect(await readVersions(warehouse.database)).toEqual(before);
    });

    test('scenario 8: a mix -> only the fresh ones are touched', async () => {
      await expectExit(0, warehouse.run(['refresh', '--emas', '--skip-stale-check', '--allow-late']));
      await writePrices(warehouse.database, { ids: [1], days: 4, endsDaysAgo: 1 });
      await writePrices(warehouse.database, { ids: [52, 825], days: 4, endsDaysAgo: 5 });
      await expectExit(3, warehouse.run(['refresh', '--bars']));
      await warehouse.execute('insert into dim_assets (id) values (74)');
      const others = { ids: [52, 74, 825] };
      const before = await readVersions(warehouse.database, others);
      const fresh = await readVersions(warehouse.database, { ids: [1] });

      const { code, stderr, report } = await warehouse.report(['refresh', '--emas']);
      expect(code).toBe(3);
      expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '52 skipped', '74 skipped', '825 skipped']);
      expect(reasonOf(report, 'emas', 1)).toMatch(/^append 4 days/);
      expect(reasonOf(report, 'emas', 52)).toMatch(/^stale, last price/);
      expect(reasonOf(report, 'emas', 74)).toMatch(/no_state/);
      expect(stderr).toContain('[WARNING] 3 IDs have stale bars: [52, 74, 825]\n');
      expect(await readVersions(warehouse.database, others)).toEqual(before);
      const after = await readVersions(warehouse.database, { ids: [1] });
      expect(after.ema_carry).not.toEqual(fresh.ema_carry);
      expect(after.price_bars).toEqual(fresh.price_bars);
    });

    test('--all does EMAs of an asset whose source is late, says so and ends with 3; no limit withholds them', async () => {
      await warehouse.execute('delete from dim_assets where id = 74');
      const late = await warehouse.report(['refresh', '--all']);
      expect(late.code).toBe(3);
      expect(outcomesOf(late.report, 'emas')).toEqual(['1 ok', '52 ok', '825 ok']);
      expect(late.report.sourceLate).toEqual([52, 825]);
      expect(late.report.late.map(({ id, state, missingDays }) => [id, state, missingDays])).toEqual([
        [52, 'late', 4],
        [825, 'late', 4],
      ]);
      expect(late.report.warnings).toEqual([]);
      expect(late.stderr).toContain('[WARNING] 2 IDs have stale bars: [52, 825]\n');
      expect(late.stderr).not.toContain('Consider running');
      const typed = await warehouse.report(['refresh', '--all', '--staleness-hours', '48']);
      expect(typed.code).toBe(3);
      expect(outcomesOf(typed.report, 'emas')).toEqual(['1 ok', '52 ok', '825 ok']);
      const narrow = await warehouse.report(['refresh', '--all', '--staleness-hours', '0.5', '--allow-late']);
      expect(narrow.code).toBe(0);
      expect(narrow.stderr).toContain('[WARNING] 3 IDs have stale bars: [1, 52, 825]\n');
      expect(outcomesOf(narrow.report, 'emas')).toEqual(['1 ok', '52 ok', '825 ok']);
      const waived = await warehouse.report(['refresh', '--emas', '--skip-stale-check']);
      expect(waived.code).toBe(3);
      expect(waived.stderr).not.toContain('stale');
      const wide = await warehouse.report(['refresh', '--emas', '--staleness-hours', '240.5']);
      expect(outcomesOf(wide.report, 'emas')).toEqual(['1 ok', '52 ok', '825 ok']);
    });

    test('status tells "we are behind" from "the source is late"', async () => {
      await writePrices(warehouse.database, { ids: [825], days: 4, endsDaysAgo: 1 });
      await warehouse.execute(`insert into dim_assets (id, symbol, name) values (74, 'DOGE', 'Dogecoin')`);
      await warehouse.execute('insert into dim_assets (id, active) values (2, false)');
      const { stdout } = await expectExit(0, warehouse.run(['status', '--json']));
      const { assets } = JSON.parse(stdout) as { assets: AssetStatus[] };
      expect(assets.map(({ id, verdict, lagDays }) => [id, verdict, lagDays])).toEqual([
        [1, 'fresh', 0],
        [2, 'retired', 0],
        [52, 'stale: the source is late', 0],
        [74, 'no_state: the source has no prices', 0],
        [825, 'stale: we are behind by 4 days', 4],
      ]);
      const [days] = await warehouse.query<[string, string]>(
        `select min(timestamp)::date::text, max(timestamp)::date::text from cmc_price_histories7 where id = 1`,
      );
      expect(assets[0]).toMatchObject({ firstDay: days?.[0], lastDay: days?.[1], rejects: 0 });
      expect(assets[0]).toMatchObject({ barsWatermark: days?.[1], emasWatermark: days?.[1] });
      const table = await expectExit(0, warehouse.run(['status', '--ids', '825,74']));
      expect(table.stdout).toMatch(
        /^2 assets: 1 no prices, 1 behind\nid +symbol +first day +last day +age +lag +bars +emas +rejects +calendar +verdict\n/,
      );
      expect(table.stdout).toMatch(
        /\n825 .* 4 d .* stale: we are behind by 4 days\ncompared with the source: \d of 1.*\n$/,
      );
      const nobody = await expectExit(2, warehouse.run(['status', '--ids', '825,7777']));
      expect([nobody.stdout, nobody.stderr]).toEqual(['', expect.stringMatching(/no such asset: 7777/)]);
      await warehouse.execute('delete from dim_assets where id in (2, 74)');
    });

    test('scenario 6: a watermark in the future is fresh, and flagged', async () => {
      await warehouse.execute(
        `update cmc_price_bars_1d_state set last_src_ts = now() + interval '2 days' where id = 1`,
      );
      const { code, report, stderr } = await warehouse.report(['refresh', '--emas', '--ids', '1']);
      expect(code).toBe(0);
      expect(report.warnings).toEqual(['ID 1: newest price is dated in the future']);
      expect(stderr).toContain('[WARNING] ID 1: newest price is dated in the future\n');
    });
  });
});
