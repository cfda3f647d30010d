/** The disk of the database is full in the middle of a run: no asset is begun any more, what is done stays. */
import { afterAll, describe, expect, inject, test } from 'vitest';
import { readContents } from '../support/contents.js';
import { writePrices } from '../support/prices.js';
import { mountSmallDisk } from '../support/small-disk.js';
import { readUndisturbed } from '../support/undisturbed.js';
import { createWarehouse, expectExit, outcomesOf, reasonOf } from '../support/warehouse.js';

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
/** Batches of 25: small, large, small. */
const FIRST = range(1, 25);
const SECOND = range(26, 50);
const THIRD = range(51, 52);
const SPANS = [
  { ids: FIRST, days: 10 },
  { ids: SECOND, days: 120 },
  { ids: THIRD, days: 10 },
];
/** Room for the first batch, not for the second. */
const FREE_BYTES = 1_500_000;

test('an error of that kind, wherever it comes from, ends the component after the batches that are done', async () => {
  const warehouse = await createWarehouse({}, [{ ids: range(1, 27), days: 5 }]);
  await warehouse.execute(`create function full_disk() returns trigger language plpgsql as $$
    begin raise exception 'could not extend file: No space left on device' using errcode = '53100'; end $$`);
  await warehouse.execute(`create trigger full_disk before insert on cmc_price_bars_1d_state for each row
    when (new.id = 26) execute function full_disk()`);
  const { code, report } = await warehouse.report(['refresh', '--all']);
  expect(code).toBe(1);
  expect(outcomesOf(report, 'bars')).toEqual(range(1, 27).map((id) => `${id} ${id < 26 ? 'ok' : 'failed'}`));
  expect(report.components[1]).toMatchObject({ component: 'emas', notRun: true });
  await warehouse.drop();
});

const disk = await mountSmallDisk(inject('adminUrl'), 64);
if (disk !== null) {
  describe('a full disk under the tables', () => {
    afterAll(() => disk.remove());

    test('the run stops, says so and exits with 1; with room again one more run ends like an undisturbed one', async () => {
      const warehouse = await createWarehouse();
      for (const span of SPANS) await writePrices(warehouse.database, span);
      const relations = await warehouse.query<[string]>(
        `select 'table ' || c.relname from pg_class c where c.relname = 'price_bars'
         union all select 'index ' || i.indexrelid::regclass from pg_index i where i.indrelid = 'price_bars'::regclass`,
      );
      for (const [relation] of relations)
        await warehouse.execute(`alter ${relation} set tablespace ${disk.tablespace}`);
      disk.fill(FREE_BYTES);

      const { code, stderr, report } = await warehouse.report(['refresh', '--all'], { timeoutMs: 110_000 });
      expect(code).toBe(1);
      expect(stderr).toMatch(/={70}\nDAILY REFRESH SUMMARY\n={70}\n/);
      expect(stderr).toMatch(/\[FAILED\] .*(No space left on device|disk .*full)/i);
      expect(outcomesOf(report, 'bars')).toEqual([
        ...FIRST.map((id) => `${id} ok`),
        ...[...SECOND, ...THIRD].map((id) => `${id} failed`),
      ]);
      expect(reasonOf(report, 'bars', 52)).toMatch(/^not finished: .*(No space left on device|disk .*full)/i);
      expect(report.components[1]).toMatchObject({ component: 'emas', notRun: true });
      const built = await warehouse.query<[number]>('select id from cmc_price_bars_1d_state order by id');
      expect(built.map(([id]) => id)).toEqual(FIRST);
      const records = await warehouse.query('select status, exit_code from refresh_run');
      expect(records).toEqual([['failed', 1]]);

      const still = await warehouse.report(['refresh', '--all'], { timeoutMs: 110_000 });
      expect(still.code).toBe(1);

      disk.clear();
      await expectExit(0, warehouse.run(['refresh', '--all'], { timeoutMs: 110_000 }));
      expect(await readContents(warehouse.database)).toEqual(await readUndisturbed(SPANS));
      await warehouse.drop();
    }, 300_000);
  });
}
