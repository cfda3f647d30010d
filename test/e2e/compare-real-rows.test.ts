/** compare over rows that the replaced system wrote itself: everything is explained. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readReport } from '../support/comparing.js';
import { randomOf } from '../support/histories.js';
import {
  CHANGED_QUERIES,
  createOtherTables,
  expectSameAnswers,
  SAME_QUERIES,
} from '../support/origin/pages.js';
import { loadRealTables, readRealTables } from '../support/origin/real-rows.js';
import { ORIGIN } from '../support/origin/warehouse.js';
import { sharedFile } from '../support/shared.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const folder = sharedFile('origin-rows');

describe.runIf(folder !== null)('the real rows', () => {
  let warehouse: Warehouse;

  beforeAll(async () => {
    warehouse = await createWarehouse();
    await loadRealTables(warehouse, ORIGIN, readRealTables(folder as string));
    await warehouse.execute(`insert into cmc_price_histories7 select * from ${ORIGIN}.cmc_price_histories7`);
    await expectExit(0, warehouse.run(['refresh', '--all', '--staleness-hours', '1000000', '--allow-late']));
  });
  afterAll(async () => {
    await warehouse?.drop();
  });

  const report = (code: number) => readReport(warehouse, code, ['--ids', '1']);

  test('nothing is unexplained, and each rule has its count', async () => {
    const { unexplained, isExplained, assets, explained } = await report(0);
    expect({ unexplained, isExplained }).toEqual({ unexplained: 0, isExplained: true });
    const tables = new Map(assets[0]?.tables.map((table) => [table.table, table]));
    expect(tables.size).toBe(13);
    for (const { table, theirs, revisions } of tables.values()) {
      expect(theirs, table).toBeGreaterThan(3900);
      expect(revisions.every((each) => each === (table.startsWith('cmc_') ? 'cmc' : 'head'))).toBe(true);
    }
    expect(tables.get('cmc_ema_multi_tf')?.explained).toEqual({ bar_as_ema: expect.any(Number) });
    expect(Object.keys(explained).sort()).toEqual([
      ...['anchored_months', 'bar_as_ema', 'chained_bar', 'days_remaining', 'null_columns', 'one_day_more'],
      ...['root_alpha', 'rows_before_seed'],
    ]);
  });

  describe('the queries of the migrating page have the answers that it says', () => {
    const schemas = { theirs: ORIGIN, ours: 'public' };
    beforeAll(async () => {
      await createOtherTables(warehouse, { schema: ORIGIN, source: `${ORIGIN}.cmc_price_histories7` });
      await warehouse.execute(`grant select on all tables in schema ${ORIGIN} to ${warehouse.roles?.reader}`);
      // As autovacuum does within minutes: without it joins of two series are planned for a handful of rows.
      await warehouse.execute('analyze');
    });

    test.each(SAME_QUERIES)('the same on both: %s', (_, query) =>
      expectSameAnswers(warehouse, schemas, [query, query]),
    );

    test.each(CHANGED_QUERIES)('%s, and ours', (_, ...pair) => expectSameAnswers(warehouse, schemas, pair));
  });

  test('next to what the rules say nothing is explained: cells picked at random', async () => {
    const seed = Number(process.env.BARWRIGHT_TEST_SEED ?? Date.now() % 100_000);
    const random = randomOf(seed);
    let planted = 0;
    for (const [table, columns] of CHANGED_CELLS) {
      // All rows before the first change, which moves a row to another place.
      const rows = await warehouse.query<[string]>(
        `select ctid::text from ${ORIGIN}.${table} order by hashtext(ctid::text || '${seed}'), ctid limit 4`,
      );
      for (const [row] of rows) {
        const column = columns[Math.floor(random() * columns.length)] as string;
        planted += await warehouse.execute(
          `update ${ORIGIN}.${table} set ${column} = coalesce(nullif(${column}, 0) * (1 + 1e-6), 1e-6) where ctid = $1::tid`,
          [row],
        );
      }
    }
    const { assets } = await report(1);
    const wrong = (assets[0]?.tables ?? []).reduce((sum, { unexplained }) => sum + unexplained, 0);
    expect([wrong, seed]).toEqual([planted, seed]);
  });
});

/** Columns in which theirs is another number than ours. */
const CHANGED_CELLS: readonly [table: string, columns: readonly string[]][] = [
  ['cmc_ema_multi_tf', ['ema', 'd1_roll', 'd2_roll']],
  ['cmc_ema_multi_tf_cal_us', ['ema_bar', 'd1_roll_bar', 'ema']],
  ['cmc_ema_multi_tf_cal_iso', ['ema_bar', 'd2_roll_bar', 'ema']],
  ['cmc_ema_multi_tf_cal_anchor_us', ['ema', 'ema_bar', 'd1_roll']],
  ['cmc_price_bars_multi_tf_cal_anchor_iso', ['high', 'low', 'close', 'volume']],
  ['price_bars_multi_tf_u', ['open', 'high', 'low', 'close', 'volume', 'market_cap']],
];
