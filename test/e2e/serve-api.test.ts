/** `serve`, asked over HTTP as a reader: every endpoint says what the database and the command line say. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  AssetResponse,
  BarsResponse,
  EmasResponse,
  MarksResponse,
} from '../../src/web/api-asset-types.js';
import type { FreshnessResponse, FreshnessTableKey } from '../../src/web/api-freshness-types.js';
import type { PlanResponse, RunResponse, RunsResponse } from '../../src/web/api-types.js';
import { CANARY } from '../support/canary.js';
import { runCli } from '../support/cli.js';
import { writePrices } from '../support/prices.js';
import { type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const HOSTILE = `</script><script>alert(1)</script>"';--\u202e`;

let warehouse: Warehouse;
let server: Server;

/** 1: has everything; 2: never read; 3: behind; 4: refused and repaired rows, a gap; 5: retired; 6: fails; 7: a late source. */
beforeAll(async () => {
  warehouse = await createWarehouse({}, [
    { ids: [1, 4, 5, 6], days: 90 },
    { ids: [3], days: 90, endsDaysAgo: 4 },
    { ids: [7], days: 60, endsDaysAgo: 9 },
  ]);
  const { execute } = warehouse;
  await execute(`delete from cmc_price_histories7 where id = 4
    and timestamp::date between current_date - 40 and current_date - 38`);
  await execute(
    `update cmc_price_histories7 set open = -1 where id = 4 and timestamp::date = current_date - 30`,
  );
  await execute(
    `update cmc_price_histories7 set timehigh = null where id = 4 and timestamp::date = current_date - 20`,
  );
  await expectExit(3, warehouse.run(['refresh', '--all', '--strict']));
  await execute('insert into dim_assets (id, symbol, name) values (2, $1, $1)', [HOSTILE]);
  await execute(`update dim_assets set symbol = 'ONE' where id = 1`);
  await execute('update dim_assets set active = false where id = 5');
  await writePrices(warehouse.database, { ids: [3], days: 3 });
  // The sum of a week's volumes is no number any more.
  await writePrices(warehouse.database, { ids: [6], days: 1, endsDaysAgo: 0 });
  await execute(
    `update cmc_price_histories7 set volume = 1.5e308 where id = 6 and timestamp::date > current_date - 9`,
  );
  await expectExit(1, warehouse.run(['refresh', '--all', '--ids', '1,6']));
  // What a careless program once wrote into the tables.
  await execute(`update refresh_asset set reason = reason || $1 where id = 6`, [
    ` postgresql://me:${encodeURIComponent(CANARY)}@h/d`,
  ]);
  server = await startServer([], { url: warehouse.urls.reader });
}, 120_000);
afterAll(async () => {
  expect(await server?.stop()).toBe(0);
  await warehouse?.drop();
});

const cli = async (...args: string[]) =>
  JSON.parse((await runCli([...args, '--json'], { env: { TARGET_DB_URL: warehouse.urls.reader } })).stdout);

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
    expect(grid.assets.symbol.slice(0, 2)).toEqual(['ONE', HOSTILE]);
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

describe('runs', () => {
  test('the list is that of the runs command, with stages and their medians; pages follow on each other', async () => {
    const all = await server.get<RunsResponse>('/api/runs');
    const { runs } = await cli('runs');
    expect(all.runs.map(({ stages: _, ...run }) => run)).toEqual(runs);
    const [newest, oldest] = all.runs;
    expect(oldest?.stages.map(({ medianSec }) => medianSec)).toEqual([null, null]);
    expect(newest?.stages[0]?.medianSec).toBe(oldest?.stages[0]?.durationSec);
    expect(all.next).toBeNull();
    const first = await server.get<RunsResponse>('/api/runs?limit=1');
    expect(first).toMatchObject({ runs: [{ run: newest?.run }], next: newest?.run });
    const second = await server.get<RunsResponse>(`/api/runs?limit=1&before=${first.next}`);
    expect(second).toMatchObject({ runs: [{ run: oldest?.run }], next: null });
  });

  test('one run is that of the runs command; secrets in it are not told', async () => {
    const { run } = await server.get<RunResponse>('/api/runs/last');
    const { run: told } = await cli('runs', 'last');
    const { stages, assets, verdict, warnings, progress, ...rest } = run;
    expect({ ...rest, stages: stages.map(({ medianSec: _, ...stage }) => stage) }).toEqual({
      ...Object.fromEntries(Object.entries(told).filter(([name]) => name !== 'assets')),
    });
    expect(assets.map(({ symbol: _, ...asset }) => asset)).toEqual(told.assets);
    expect(assets[0]?.reason).toContain('***');
    expect({ verdict, progress }).toEqual({ verdict: 'FAILED: 1 failed, the rest is done', progress: null });
    expect(Array.isArray(warnings)).toBe(true);
    expect((await server.get<RunResponse>(`/api/runs/${run.run.slice(0, 9)}`)).run.run).toBe(run.run);
  });
});

describe('one asset', () => {
  test('its explanation is that of the explain command', async () => {
    const asset = await server.get<AssetResponse>('/api/assets/4');
    const told = await cli('explain', '4');
    const still = ({ freshness, ...rest }: AssetResponse['explanation']) => ({
      ...rest,
      freshness: { ...freshness, stalenessHours: null },
    });
    expect(still(asset.explanation)).toEqual(still(told));
    expect(asset).toMatchObject({ id: 4, isActive: true, lastDay: told.dailyBars.lastDay });
  });

  test.each([
    ['multi_tf', '7D'],
    ['cal_us', '1M_CAL'],
    ['cal_anchor_iso', '2W_CAL_ANCHOR_ISO'],
  ])('bars of %s %s are those of the views, the open one last', async (alignment, tf) => {
    const found = await server.get<BarsResponse>(`/api/assets/4/bars?tf=${tf}&alignment=${alignment}`);
    const rows = await warehouse.query(
      `select bar_seq, time_open::date::text, time_close::date::text, open, high, low, close, volume, count_missing_days
       from price_bars_daily d where id = 4 and tf = $1 and alignment = $2 and (not is_partial_end
         or time_close = (select max(time_close) from cmc_price_bars_1d where id = 4)) order by time_close`,
      [tf, alignment],
    );
    expect(rows.length).toBeGreaterThan(2);
    const { bars } = found;
    expect(bars.day.map((_, index) => Object.values(bars).map((column) => column[index]))).toEqual(rows);
    expect(found).toMatchObject({ alignment, tf, asof: null });
  });

  test('bars as known on a past day: the bar that was open then, with its values of that day', async () => {
    const [[day = ''] = []] = await warehouse.query<[string]>(`select (current_date - 25)::text`);
    const found = await server.get<BarsResponse>(`/api/assets/1/bars?tf=1M_CAL&asof=${day}`);
    const [row] = await warehouse.query<[number, number, number, boolean]>(
      `select open, high, close, is_partial_end from bar_series(1, '1M_CAL', $1::date, $1::date)`,
      [day],
    );
    expect(row?.[3]).toBe(true);
    expect(found).toMatchObject({ asof: day, isLastOpen: true });
    const { bars } = found;
    expect([bars.day.at(-1), bars.open.at(-1), bars.high.at(-1), bars.close.at(-1)]).toEqual([
      day,
      ...(row ?? []).slice(0, 3),
    ]);
  });

  test('1D bars and ranges: both days included', async () => {
    const all = await server.get<BarsResponse>('/api/assets/1/bars?tf=1D');
    expect(all.bars.day).toHaveLength(90);
    expect(all.isLastOpen).toBe(false);
    const [from, to] = [all.bars.day[10], all.bars.day[20]];
    const part = await server.get<BarsResponse>(`/api/assets/1/bars?tf=1D&from=${from}&to=${to}`);
    expect(part.bars.close).toEqual(all.bars.close.slice(10, 21));
    const week = await server.get<BarsResponse>(`/api/assets/1/bars?tf=7D&from=${from}&to=${to}`);
    expect(week.isLastOpen).toBe(false);
    expect(week.bars.day.every((day) => day >= (from ?? '') && day <= (to ?? ''))).toBe(true);
  });

  test.each(['multi_tf', 'v2'])(
    'EMAs of %s: the values of the view, closing days told from previews',
    async (alignment) => {
      const found = await server.get<EmasResponse>(
        `/api/assets/1/emas?tf=2D&alignment=${alignment}&periods=6,20`,
      );
      for (const series of found.series) {
        const rows = await warehouse.query<[string, boolean, number, number | null]>(
          'select ts::date::text, roll, ema, ema_bar from ema_series(1, $1, $2, alignment => $3)',
          ['2D', series.period, alignment],
        );
        expect(rows.length).toBeGreaterThan(10);
        const shown = found.day.flatMap((day, index) =>
          series.ema[index] === null
            ? []
            : [[day, found.isClosing[index] === 0, series.ema[index], series.emaBar[index]]],
        );
        expect(shown).toEqual(rows);
      }
      expect(new Set(found.isClosing)).toEqual(new Set([0, 1]));
    },
  );

  test('marks: the gap, the refused and the repaired day', async () => {
    const found = await server.get<MarksResponse>('/api/assets/4/marks');
    const [[first, last, refused, repaired] = []] = await warehouse.query<[string, string, string, string]>(
      `select (current_date - 40)::text, (current_date - 38)::text, (current_date - 30)::text, (current_date - 20)::text`,
    );
    expect(found).toEqual({
      version: 1,
      id: 4,
      gaps: [
        { firstDay: first, lastDay: last, days: 3, refusedRows: 0 },
        { firstDay: refused, lastDay: refused, days: 1, refusedRows: 1 },
      ],
      repairs: [{ day: repaired, reasons: ['repaired_high', 'repaired_timehigh'] }],
      rejects: [{ day: refused, reasons: ['non_positive_price'] }],
    });
    expect((await server.get<MarksResponse>(`/api/assets/4/marks?from=${repaired}`)).gaps).toEqual([]);
  });
});

test('the plan is that of the plan command', async () => {
  for (const [query, args] of [
    ['', []],
    ['?target=bars&ids=1,3', ['--bars', '--ids', '1,3']],
  ] as const) {
    const found = await server.get<PlanResponse>(`/api/plan${query}`);
    expect(found.plan.map(({ symbol: _, ...each }) => each)).toEqual((await cli('plan', ...args)).plan);
  }
});

test('timeframes and periods are those of the dimensions', async () => {
  const found = await server.get<{ timeframes: unknown[]; periods: number[] }>('/api/timeframes');
  expect(found.timeframes).toHaveLength(314);
  expect(found.timeframes).toContainEqual({ alignment: 'v2', tf: '7D', tfDays: 7, hasBars: false });
  expect(found.periods).toHaveLength(17);
});

test('metrics: what Prometheus reads', async () => {
  const { body, headers } = await server.ask('/metrics');
  expect(headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
  const value = (sample: RegExp) => Number(sample.exec(body)?.[1] ?? Number.NaN);
  expect(value(/^barwright_database_up\{.*\} (\S+)$/m)).toBe(1);
  expect(value(/^barwright_last_run_outcome\{outcome="failed",.*\} (\S+)$/m)).toBe(1);
  expect(value(/^barwright_asset_waiting_rows\{id="3",.*\} (\S+)$/m)).toBe(3);
  expect(value(/^barwright_table_assets\{table="bars_1d",status="failed",.*\} (\S+)$/m)).toBe(1);
});

test.each([
  ['/api/assets/99', 404, 'no such asset: 99'],
  ['/api/assets/1x', 404, 'an id is a number'],
  ['/api/assets/99999999999/marks', 404, 'an id is a number'],
  ['/api/assets/1/bars', 400, 'tf expects'],
  ['/api/assets/1/bars?tf=9D', 400, 'no timeframe "9D"'],
  ['/api/assets/1/bars?tf=7D&alignment=v2', 400, 'multi_tf'],
  ['/api/assets/1/bars?tf=7D&asof=2026-02-30', 400, 'asof expects'],
  ['/api/assets/1/bars?tf=7D&from=0000-01-01', 400, 'from expects'],
  ['/api/assets/1/emas?tf=7D', 400, 'periods expects'],
  ['/api/assets/1/emas?tf=7D&periods=8', 400, 'no period 8'],
  ["/api/assets/1/emas?tf=7D&periods=6'", 400, 'periods expects'],
  ['/api/runs?limit=0', 400, 'limit expects'],
  ['/api/runs?before=last', 400, 'before expects'],
  ['/api/runs/zz', 404, 'a run is'],
  ['/api/plan?target=none', 400, 'target expects'],
  ['/api/nothing', 404, 'there is nothing at'],
  ['/..%2f..%2fpackage.json', 404, 'there is nothing at'],
])('%s: %i, and a sentence', async (path, status, words) => {
  const { body, ...answer } = await server.ask(path);
  expect(answer.status, body).toBe(status);
  expect(JSON.parse(body).error).toContain(words);
  expect(answer.headers['content-type']).toMatch(/^application\/json/);
});

test('a thousand assets: one answer with ten thousand cells', async () => {
  const { execute } = warehouse;
  await execute(
    `insert into dim_assets (id, symbol) select 1000 + n, 'S' || n from generate_series(1, 1000) n`,
  );
  await execute(`insert into cmc_price_bars_1d_state (id, last_src_ts, first_day, last_day, bar_seq)
    select 1000 + n, now() - interval '1 hour', current_date - 9, current_date - 1, 9 from generate_series(1, 1000) n`);
  await execute(`insert into price_bars_state (id, alignment, tf, watermark_day, closed_seq)
    select 1000 + n, t.alignment, t.tf, current_date - 1, 0
    from generate_series(1, 1000) n, dim_timeframe t where t.alignment <> 'v2' and t.tf <> '1D'`);
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
