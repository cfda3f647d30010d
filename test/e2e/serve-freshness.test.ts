/** The freshness grid, asked over HTTP: what each table of each asset stands at, and why. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BAR_FIELDS } from '../../src/storage/bars/bars.js';
import type { AssetResponse } from '../../src/web/api/api-asset-types.js';
import type {
  FreshnessResponse,
  FreshnessTableKey,
  HealthListResponse,
} from '../../src/web/api/api-freshness-types.js';
import { createDashboard, type Dashboard, HOSTILE } from '../support/dashboard.js';
import type { Server } from '../support/serving.js';
import { allowStateEdits } from '../support/state-edits.js';
import type { Warehouse } from '../support/warehouse.js';

let dashboard: Dashboard;
let warehouse: Warehouse;
let server: Server;
let cli: Dashboard['cli'];

beforeAll(async () => {
  dashboard = await createDashboard();
  ({ warehouse, server, cli } = dashboard);
  await allowStateEdits(warehouse.database);
}, 120_000);
afterAll(async () => {
  expect(await dashboard?.close()).toBe(0);
});

describe('freshness', () => {
  let grid: FreshnessResponse;
  beforeAll(async () => {
    grid = await server.get('/api/freshness');
  });
  const cell = (id: number, key: FreshnessTableKey) => {
    const index = grid.assets.id.indexOf(id);
    const columns = grid.cells[key];
    return {
      status: grid.statuses[columns.status[index] ?? -1],
      lagDays: columns.lagDays[index],
      watermark: columns.watermark[index],
      ageHours: columns.ageHours[index] ?? null,
      reason: grid.reasons[columns.reason[index] ?? -1] ?? '',
    };
  };

  test('every asset and table has a cell, and the counts are theirs', () => {
    expect(grid.assets.id).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(grid.tables.map(({ key }) => key)).toEqual(Object.keys(grid.cells));
    expect(grid.tables).toHaveLength(10);
    expect(grid.counts.reduce((sum, each) => sum + each)).toBe(70);
    expect(grid.assets.symbol[0]).toBe('ONE');
    // The control character at its end is spelt out.
    expect(grid.assets.symbol[1]).toContain(HOSTILE.slice(0, -1));
  });

  test.each([
    [1, 'bars_1d', 'fresh', 0, 'level with the source'],
    [1, 'emas_cal_anchor', 'fresh', 0, 'level with the source'],
    [2, 'bars_1d', 'never_built', null, 'never built: the source has no prices of it'],
    [3, 'bars_1d', 'stale', 3, '3 source days wait for a refresh'],
    [3, 'emas_v2', 'stale', 3, '3 source days wait for a refresh'],
    [4, 'bars_cal_iso', 'fresh', 0, 'level with the source'],
    [5, 'bars_multi_tf', 'retired', 0, 'retired: no run touches it'],
    [7, 'emas_multi_tf', 'source_late', 0, 'the source is late: everything that it has is in'],
  ] as const)('asset %i, %s: %s', (id, key, status, lagDays, reason) => {
    expect(cell(id, key)).toMatchObject({ status, lagDays, reason });
  });

  test('the health of an asset is the worst of its tables, its last outcome and its findings', async () => {
    const health = async () => {
      const list = await server.get<HealthListResponse>('/api/health-of-assets');
      return list.id.map((id, index) => [id, list.health[index], list.why[index]]);
    };
    const before = await health();
    expect(before).toEqual([
      [1, 'good', ''],
      [2, 'bad', 'never built'],
      [3, 'bad', 'stale'],
      [4, 'good', ''],
      [5, 'retired', 'retired'],
      [6, 'bad', expect.stringContaining('failed')],
      [7, 'watch', 'source late'],
    ]);
    expect(grid.assets.health).toEqual(before.map(([, each]) => each));
    await warehouse.execute(
      `insert into price_finding (id, day, kind, factor, is_old) values
         (1, '2026-01-01', 'jump', 5, false), (1, '2026-01-02', 'spike', 5, false), (4, '2026-01-01', 'jump', 5, true)`,
    );
    const after = await health();
    expect(after[0]).toEqual([1, 'watch', '2 implausible days']);
    expect(after.slice(1)).toEqual(before.slice(1));
    await warehouse.execute('update price_finding set accepted_at = now()');
    expect(await health()).toEqual(before);
    await warehouse.execute('delete from price_finding');
  });

  test('a failure shows in the tables of its component, with its reason and without secrets', () => {
    expect(cell(6, 'bars_1d')).toMatchObject({ status: 'failed', reason: expect.stringMatching(/Infinity/) });
    expect(cell(6, 'bars_cal_us').status).toBe('failed');
    expect(cell(6, 'emas_multi_tf').status).not.toBe('failed');
  });

  test('age and lag of 1D are those of the status command', async () => {
    const { assets } = await cli('status');
    for (const { id, stalenessHours, lagDays, lastDay } of assets) {
      const found = cell(id, 'bars_1d');
      expect(found).toMatchObject({ lagDays: stalenessHours === null ? null : lagDays, watermark: lastDay });
      if (stalenessHours === null) expect(found.ageHours).toBeNull();
      else expect(Math.abs((found.ageHours ?? 0) - stalenessHours)).toBeLessThan(0.2);
    }
  });

  test('says of each asset when its source was last compared with what its bars were made of', async () => {
    const { execute } = warehouse;
    await execute('delete from asset_proof where id in (1, 3)');
    await execute(`insert into asset_proof (id, proven_at) values (1, '2026-01-02 03:04:05+00')`);
    const { assets } = await server.get<FreshnessResponse>('/api/freshness');
    const provenAt = (id: number) => assets.provenAt[assets.id.indexOf(id)];
    expect([provenAt(1), provenAt(3)]).toEqual(['2026-01-02T03:04:05.000Z', null]);
    const { explanation } = await server.get<AssetResponse>('/api/assets/1');
    expect(explanation.dailyBars?.provenAt).toBe('2026-01-02T03:04:05.000Z');
    const said = (await warehouse.run(['explain', '3'])).stdout;
    expect(said).toContain('not compared with the source since it was built');
  });

  test('a series that was left out, a repair and a quarantine show where they are', async () => {
    const { execute } = warehouse;
    await execute(`update price_bars_state set watermark_day = watermark_day - 2
      where id = 1 and alignment = 'cal_us' and tf = '1M_CAL'`);
    await execute(
      `update ema_asset_state set repair_from = date '2026-01-05' where id = 1 and alignment = 'cal_iso'`,
    );
    await execute(`insert into asset_quarantine (id, component, failures, last_run, reason, quarantined_at)
      values (4, 'emas', 3, gen_random_uuid(), 'its numbers', now())`);
    grid = await server.get('/api/freshness');
    expect(cell(1, 'bars_cal_us')).toMatchObject({ status: 'stale', lagDays: 2 });
    expect(cell(1, 'bars_cal_us').reason).toMatch(/^1 bar series lag, the slowest at \d{4}-/);
    expect(cell(1, 'emas_cal')).toMatchObject({
      status: 'behind',
      reason: 'EMAs wait for repair from 2026-01-05',
    });
    expect(cell(1, 'emas_multi_tf').status).toBe('fresh');
    expect(cell(4, 'emas_v2')).toMatchObject({ status: 'quarantined', reason: 'quarantined: its numbers' });
    expect(cell(4, 'bars_1d').status).toBe('fresh');
    await execute('delete from asset_quarantine where id = 4');
    await execute('update ema_asset_state set repair_from = null');
    await execute(`update price_bars_state set watermark_day = watermark_day + 2
      where id = 1 and alignment = 'cal_us' and tf = '1M_CAL'`);
  });
});

test('a thousand assets: one answer with ten thousand cells', async () => {
  const { execute } = warehouse;
  await execute(
    `insert into dim_assets (id, symbol) select 1000 + n, 'S' || n from generate_series(1, 1000) n`,
  );
  await execute(`insert into cmc_price_bars_1d_state (id, last_src_ts, first_day, last_day, bar_seq)
    select 1000 + n, now() - interval '1 hour', current_date - 9, current_date - 1, 9 from generate_series(1, 1000) n`);
  const nulls = (type: string) => `array_fill(null::${type}, array[series])`;
  const types = {
    int4: 'int',
    float8: 'double precision',
    bool: 'boolean',
    date: 'date',
    timestamptz: 'timestamptz',
  };
  await execute(`insert into bar_carry (id, alignment, series, series_hash, closed, closed_hash, closed_bars, oldest_day,
      newest_day, tf, watermark_day, closed_seq, is_closed, ${BAR_FIELDS.map(([name]) => name).join(', ')})
    select 1000 + n, alignment, series, 0, 0, 0, 0, current_date - 1, current_date - 1, tf,
      array_fill(current_date - 1, array[series]), array_fill(0, array[series]), ${nulls('boolean')},
      ${BAR_FIELDS.map(([, type]) => nulls(types[type as keyof typeof types])).join(', ')}
    from generate_series(1, 1000) n, (
      select alignment, count(*)::int as series, array_agg(tf order by tf) as tf from dim_timeframe
      where alignment <> 'v2' and tf <> '1D' group by alignment) t`);
  const grid = await server.get<FreshnessResponse>('/api/freshness');
  expect(grid.assets.id).toHaveLength(1007);
  expect(grid.counts.reduce((sum, each) => sum + each)).toBe(10_070);
  expect(grid.reasons.length).toBeLessThan(20);
  const index = grid.assets.id.indexOf(1500);
  const statusOf = (key: FreshnessTableKey) => grid.statuses[grid.cells[key].status[index] ?? -1];
  expect([statusOf('bars_1d'), statusOf('bars_cal_us'), statusOf('emas_v2')]).toEqual([
    'behind',
    'behind',
    'never_built',
  ]);
}, 60_000);
