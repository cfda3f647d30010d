/** A series that a run leaves out keeps its own end in every view, however far its siblings have come. */
import { describe, expect, test } from 'vitest';
import type { Explanation } from '../../src/orchestration/inspect/explanation.js';
import { listEmaCloses, listEmas } from '../../src/storage/reading/chart.js';
import { SERVERS } from '../support/each-server.js';
import { writePrices } from '../support/prices.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const ASKED = '7D';

/** What the views say of the series that were left out: how many rows and a sum of their hashes, by view. */
async function readLeftOut(warehouse: Warehouse): Promise<Record<string, [rows: number, hash: string]>> {
  const views = { emas: 'cmc_ema_multi_tf_u', bars: 'cmc_price_bars_multi_tf', latest: 'ema_latest' };
  const found = Object.entries(views).map(async ([name, view]) => {
    const [row] = await warehouse.query<[number, string]>(
      `select count(*)::int, coalesce(sum(hashtextextended((to_jsonb(v) - 'ingested_at')::text, 0)), 0)::text from ${view} v where tf not in ('1D', $1)`,
      [ASKED],
    );
    return [name, row] as const;
  });
  return Object.fromEntries(await Promise.all(found)) as Record<string, [number, string]>;
}

/** What a chart reads at closes is what it reads of all days, at closes and on the newest day. */
async function expectCloses({ database }: Warehouse): Promise<void> {
  await database.read(async (tx) => {
    for (const tf of ['3D', ASKED, '10D']) {
      const scope = { id: 1, alignment: 'multi_tf', tf, fromDay: null, toDay: null } as const;
      const all = await listEmas(tx, scope, 6);
      const closes = all.filter(([, isPreview], at) => !isPreview || at === all.length - 1);
      expect(closes.length).toBeGreaterThan(20);
      expect(await listEmaCloses(tx, scope, [6])).toEqual(
        closes.map(([day, isPreview, ema, emaBar]) => [day, isPreview, [ema], [emaBar]]),
      );
    }
  });
}

describe.each(SERVERS)('on $server', ({ options }) => {
  test('days that a series has not taken in are not shown of it', async () => {
    const warehouse = await createWarehouse(options, [{ ids: [1], days: 400, endsDaysAgo: 14 }]);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const before = await readLeftOut(warehouse);
    for (const [rows] of Object.values(before)) expect(rows).toBeGreaterThan(100);
    await writePrices(warehouse.database, { ids: [1], days: 13 });
    await expectExit(0, warehouse.run(['refresh', '--all', '--tfs', ASKED]));
    const [shown] = await warehouse.query<[number]>(
      `select count(*)::int from cmc_ema_multi_tf where tf = $1 and ts > now() - interval '5 days'`,
      [ASKED],
    );
    expect(shown?.[0]).toBeGreaterThan(0);
    expect(await readLeftOut(warehouse)).toEqual(before);
    await expectCloses(warehouse);
    const explained = await expectExit(0, warehouse.run(['explain', '1', '--json']));
    const { emas } = JSON.parse(explained.stdout) as Explanation;
    const lagging = await warehouse.query('select tf from ema_series_lag where id = 1');
    expect(lagging.length).toBeGreaterThan(20);
    expect(emas.laggingSeries).toBe(lagging.length);
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const after = await readLeftOut(warehouse);
    for (const [name, [rows]] of Object.entries(before)) {
      if (name !== 'latest') expect(after[name]?.[0], name).toBeGreaterThan(rows);
    }
    await warehouse.drop();
  });
});
