/** Scenarios 9 and 10 of refresh.md: a component that cannot run, an asset that cannot be refreshed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Fingerprints, readContents } from '../support/contents.js';
import { SERVERS } from '../support/each-server.js';
import { holdTable, waitForSilence } from '../support/locks.js';
import { writePrices } from '../support/prices.js';
import { isAlive, listDescendants, waitFor } from '../support/processes.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf, type Warehouse } from '../support/warehouse.js';

const SUMMARY = /={70}\nDAILY REFRESH SUMMARY\n={70}\n/;

/** The first, and those that take the place of a killed one. */
const BARS_PROCESSES = 6;

describe.each(SERVERS)('on $server', ({ options }) => {
  describe('scenario 9: bars cannot run', () => {
    let warehouse: Warehouse;
    /** What is there before and after a run that could do nothing. */
    let before: Fingerprints;

    // 1 is level with its source and has EMAs to do; 52 has days waiting.
    beforeAll(async () => {
      warehouse = await createWarehouse(options, [{ ids: [1, 52], days: 45, endsDaysAgo: 4 }]);
      await expectExit(0, warehouse.run(['refresh', '--all']));
      await writePrices(warehouse.database, { ids: [1, 52], days: 3 });
      await expectExit(0, warehouse.run(['bars', '--ids', '1']));
      before = await readContents(warehouse.database);
    });
    afterAll(() => warehouse?.drop());

    /** Runs `refresh --all` and kills its bars process and each that takes its place, until none does any more. */
    async function killBars(flags: readonly string[]) {
      const release = await holdTable(warehouse.database, 'price_rejects');
      let parent = 0;
      const killed = new Set<number>();
      const running = warehouse.report(['refresh', '--all', ...flags], {
        onStart: (pid) => {
          parent = pid;
        },
      });
      while (killed.size < BARS_PROCESSES) {
        const pid = await waitFor('a bars process', () => {
          const found = listDescendants(parent).filter((each) => isAlive(each) && !killed.has(each));
          return found[0] ?? null;
        });
        process.kill(pid, 'SIGKILL');
        killed.add(pid);
      }
      await release();
      const end = await running;
      await waitForSilence(warehouse.database);
      return end;
    }

    test('its process dies -> EMAs not run, summary, exit 1; the asset is whole', async () => {
      const { code, stderr, report } = await killBars([]);
      expect(code).toBe(1);
      expect(stderr).toMatch(SUMMARY);
      expect(stderr).toMatch(/\[FAILED\] emas: not run: bars failed as a whole/);
      expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '52 failed']);
      expect(reasonOf(report, 'bars', 52)).toMatch(/not finished: was ended by signal SIGKILL/);
      expect(report.components[1]).toMatchObject({ component: 'emas', notRun: true, success: false });
      expect(await readContents(warehouse.database)).toEqual(before);
      const stages = await warehouse.query('select component, status from refresh_stage order by 1');
      expect(stages).toContainEqual(['emas', 'not_run']);
    });

    test('a table of it is missing -> EMAs not run, the cause is named, exit 1', async () => {
      await warehouse.execute('alter table price_rejects rename to hidden_rejects');
      const { code, stderr, report } = await warehouse.report(['refresh', '--all']);
      await warehouse.execute('alter table hidden_rejects rename to price_rejects');
      expect(code).toBe(1);
      expect(report.components[0]?.errorMessage).toMatch(/price_rejects/);
      expect(report.components[1]).toMatchObject({ component: 'emas', notRun: true });
      expect(stderr).toMatch(SUMMARY);
      expect(await readContents(warehouse.database)).toEqual(before);
    });

    test('with --continue-on-error EMAs run for the assets that are level with their source', async () => {
      const { code, stderr, report } = await killBars(['--continue-on-error']);
      expect(code).toBe(1);
      expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '52 failed']);
      expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '52 skipped']);
      expect(reasonOf(report, 'emas', 1)).toMatch(/^append 3 days/);
      expect(stderr).toMatch(
        /\[SKIPPED\] Skipping ID 52 EMAs \(bars failed: not finished: was ended by signal/,
      );
      const again = await warehouse.report(['refresh', '--all']);
      expect([again.code, ...outcomesOf(again.report, 'emas')]).toEqual([0, '1 ok', '52 ok']);
    });
  });

  describe('scenario 10: one asset is poisoned, 1 and 52 complete, 825 is named with the reason, exit 1', () => {
    /** What 1 and 52 have when nobody is poisoned. */
    let healthy: Fingerprints;

    beforeAll(async () => {
      const warehouse = await createWarehouse(options, [{ ids: [1, 52], days: 45 }]);
      await expectExit(0, warehouse.run(['refresh', '--all']));
      healthy = await readContents(warehouse.database, { ids: [1, 52] });
      await warehouse.drop();
    });

    async function refreshPoisoned(poison: string): Promise<{ warehouse: Warehouse; stdout: string }> {
      const warehouse = await createWarehouse(options, [{ ids: [1, 52, 825], days: 45 }]);
      await warehouse.execute(poison);
      const { stdout } = await expectExit(1, warehouse.run(['refresh', '--all']));
      expect(stdout).toMatch(SUMMARY);
      for (const line of [/\[OK\] bars 1: /, /\[OK\] bars 52: /, /\[OK\] emas 1: /, /\[OK\] emas 52: /])
        expect(stdout).toMatch(line);
      expect(await readContents(warehouse.database, { ids: [1, 52] })).toEqual(healthy);
      return { warehouse, stdout };
    }

    const expectNothingOf825 = async ({ database }: Warehouse) => {
      const rows = Object.values(await readContents(database, { ids: [825] })).map((table) => table.rows);
      expect(new Set(rows)).toEqual(new Set([0]));
    };

    test('in 1D', async () => {
      const { warehouse, stdout } = await refreshPoisoned(
        `create function refuse() returns trigger language plpgsql as
           $$ begin raise exception 'day % is poisoned', new.bar_seq; end $$;
         create trigger poison before insert on cmc_price_bars_1d for each row when (new.id = 825 and new.bar_seq = 33)
           execute function refuse()`,
      );
      expect(stdout).toMatch(/\[FAILED\] bars, ID 825: day 33 is poisoned \(SQLSTATE P0001/);
      expect(stdout).toMatch(/\[SKIPPED\] Skipping ID 825 EMAs \(bars failed: .*day 33 is poisoned/);
      await expectNothingOf825(warehouse);
      const rows = await warehouse.query(
        `select component, status, error ~ 'poisoned' from refresh_asset where id = 825 order by 1`,
      );
      expect(rows).toEqual([
        ['bars', 'failed', true],
        ['emas', 'skipped', null],
      ]);
      await warehouse.drop();
    });

    test('in a timeframe: volumes whose sum is no number any more', async () => {
      const { warehouse, stdout } = await refreshPoisoned(
        `update cmc_price_histories7 set volume = 1.7e308 where id = 825
           and timestamp < (select min(timestamp) from cmc_price_histories7) + interval '2 days'`,
      );
      expect(stdout).toMatch(/\[FAILED\] bars, ID 825: price_bars refuses a row of \w+ \w+: constraint/);
      await expectNothingOf825(warehouse);
      await warehouse.drop();
    });

    test('in EMAs: closes whose sum is no number any more', async () => {
      const { warehouse, stdout } = await refreshPoisoned(
        `update cmc_price_histories7 set open = 1.6e308, high = 1.7e308, low = 1.5e308, close = 1.6e308 where id = 825`,
      );
      expect(stdout).toMatch(/\[OK\] bars 825: /);
      expect(stdout).toMatch(/\[FAILED\] emas, ID 825: ema_\w+ refuses a row/);
      const contents = await readContents(warehouse.database, { ids: [825] });
      expect(contents.cmc_price_bars_1d?.rows).toBe(45);
      expect(contents.ema_points?.rows).toBe(0);
      expect(contents.ema_carry?.rows).toBe(0);
      await warehouse.drop();
    });
  });

  test('a source that has lost every day of an asset: its bars stay, it is named, the others are done', async () => {
    const warehouse = await createWarehouse(options, [{ ids: [1, 52], days: 45 }]);
    await expectExit(0, warehouse.run(['refresh', '--bars']));
    await warehouse.execute('delete from cmc_price_histories7 where id = 52');
    const before = await readContents(warehouse.database, { ids: [52] });
    const { code, report } = await warehouse.report(['refresh', '--all']);
    expect(code).toBe(1);
    expect(outcomesOf(report, 'bars')).toEqual(['1 ok', '52 failed']);
    expect(reasonOf(report, 'bars', 52)).toMatch(/all 45 source rows have vanished/);
    expect(outcomesOf(report, 'emas')).toEqual(['1 ok', '52 skipped']);
    expect(await readContents(warehouse.database, { ids: [52] })).toEqual(before);
    await warehouse.drop();
  });

  test('an asset of which every row is rejected is no failure, and is named on every run', async () => {
    const warehouse = await createWarehouse(options, [{ ids: [1, 52], days: 45 }]);
    await warehouse.execute(
      'update cmc_price_histories7 set timeopen = null, timeclose = null where id = 52',
    );
    for (const status of ['first', 'nothing new']) {
      const { code, stderr, report } = await warehouse.report(['refresh', '--all']);
      const named = report.causes.filter(({ kind }) => kind === 'all_refused');
      expect([status, code, named.map(({ ids }) => ids)]).toEqual([status, 0, [[52]]]);
      expect(stderr).toMatch(/^\[WARNING\] ID 52: every source row is refused, so there are no bars$/m);
      expect(stderr).toMatch(/^ +since this run; type: barwright explain 52$/m);
    }
    const { stdout } = await warehouse.run(['explain', '52']);
    expect(stdout).toContain('null_time_open_time_close: 45');
    await warehouse.drop();
  });
});
