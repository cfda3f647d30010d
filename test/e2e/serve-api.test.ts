/** `serve`, asked over HTTP as a reader: every endpoint says what the database and the command line say. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  AssetResponse,
  BarsResponse,
  EmasResponse,
  MarksResponse,
  TimeframesResponse,
} from '../../src/web/api/api-asset-types.js';
import type { PlanResponse, RunResponse, RunsResponse } from '../../src/web/api/api-types.js';
import { createDashboard, type Dashboard } from '../support/dashboard.js';
import type { Server } from '../support/serving.js';
import type { Warehouse } from '../support/warehouse.js';

let dashboard: Dashboard;
let warehouse: Warehouse;
let server: Server;
let cli: Dashboard['cli'];

beforeAll(async () => {
  dashboard = await createDashboard();
  ({ warehouse, server, cli } = dashboard);
}, 120_000);
afterAll(async () => {
  expect(await dashboard?.close()).toBe(0);
});

const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);

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

  test('alerts: what is open first, with when it was sent', async () => {
    expect(await server.get('/api/alerts')).toEqual({ version: 1, count: 0, alerts: [] });
    await warehouse.execute(
      `insert into alert_log (cause, kind, component, ids, words, is_open, is_told, first_seen, last_seen, last_sent)
       values ('a', 'failure', 'bars', '{6}', 'ended', false, true, '2026-01-01Z', '2026-01-03Z', '2026-01-01Z'),
         ('b', 'quarantine', 'emas', '{7}', 'open', true, false, '2026-01-01Z', '2026-01-02Z', null)`,
    );
    const told = await server.get<{ count: number; alerts: { words: string; lastSent: string | null }[] }>(
      '/api/alerts',
    );
    expect(told.alerts.map(({ words, lastSent }) => [words, lastSent])).toEqual([
      ['open', null],
      ['ended', '2026-01-01T00:00:00.000Z'],
    ]);
    await warehouse.execute('delete from alert_log');
  });

  test('one run is that of the runs command; secrets in it are not shown', async () => {
    const { run } = await server.get<RunResponse>('/api/runs/last');
    const { run: told } = await cli('runs', 'last');
    const { stages, assets, slowest, verdict, warnings, causes, progress, ...rest } = run;
    expect({ ...rest, stages: stages.map(({ medianSec: _, ...stage }) => stage) }).toEqual({
      ...Object.fromEntries(
        Object.entries(told).filter(([name]) => !['assets', 'verdict', 'warnings', 'causes'].includes(name)),
      ),
    });
    expect(assets.map(({ symbol: _, ...asset }) => asset)).toEqual(told.assets);
    expect(assets[0]?.reason).toContain('***');
    expect({ verdict, progress }).toEqual({ verdict: 'FAILED: 1 failed, the rest is done', progress: null });
    expect(warnings).toEqual([]);
    expect(causes).toEqual(told.causes);
    expect(causes).toMatchObject([{ kind: 'asset_failed', severity: 'failed', component: 'bars', ids: [6] }]);
    expect(slowest.map(({ id }) => id)).toEqual([6]);
    const first = (await server.get<RunsResponse>('/api/runs')).runs.at(-1)?.run;
    const { slowest: timed } = (await server.get<RunResponse>(`/api/runs/${first}`)).run;
    expect(timed).toHaveLength(10);
    expect(timed.map(({ durationMs }) => durationMs)).toEqual(
      timed.map(({ durationMs }) => durationMs).sort((a, b) => b - a),
    );
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
    expect(rows.length).toBeGreaterThan(1);
    const { bars } = found;
    expect(bars.day.map((_, index) => Object.values(bars).map((column) => column[index]))).toEqual(rows);
    expect(found).toMatchObject({ alignment, tf, asof: null });
  });

  test('bars as of a past market day: the bar that was open then, with its values of that day', async () => {
    // The middle of last month: never the last day of one, whose bar would be closed.
    const [[day = ''] = []] = await warehouse.query<[string]>(
      `select (date_trunc('month', current_date)::date - 15)::text`,
    );
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
    'EMAs of %s: the values of the view, closing days apart from previews',
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

  test('previews=last: of every series the closing days and the newest day, as of any day', async () => {
    const { timeframes } = await server.get<TimeframesResponse>('/api/timeframes');
    const ranges = ['', `&to=${daysAgo(21)}`, `&from=${daysAgo(30)}&to=${daysAgo(16)}`];
    for (const [at, { alignment, tf }] of timeframes.entries()) {
      const query = `tf=${tf}&alignment=${alignment}&periods=6,20${ranges[at % ranges.length]}`;
      const all = await server.get<EmasResponse>(`/api/assets/1/emas?${query}`);
      const isWanted = (_: unknown, index: number) =>
        all.isClosing[index] === 1 || index === all.day.length - 1;
      expect(await server.get(`/api/assets/1/emas?${query}&previews=last`)).toEqual({
        ...all,
        day: all.day.filter(isWanted),
        isClosing: all.isClosing.filter(isWanted),
        series: all.series.map(({ period, ema, emaBar }) => ({
          ...{ period, ema: ema.filter(isWanted), emaBar: emaBar.filter(isWanted) },
        })),
      });
    }
  });

  test('newest: the end of every series, as of any day, as much as there is', async () => {
    const { timeframes } = await server.get<TimeframesResponse>('/api/timeframes');
    const ranges = ['', `&to=${daysAgo(21)}`, `&from=${daysAgo(30)}`];
    for (const [at, { alignment, tf, hasBars }] of timeframes.entries()) {
      const query = `tf=${tf}${ranges[at % ranges.length]}&alignment=`;
      const ofBars = `/api/assets/1/bars?${query}${hasBars ? alignment : 'multi_tf'}`;
      const { bars, isLastOpen } = await server.get<BarsResponse>(ofBars);
      const closed = bars.day.length - (isLastOpen ? 1 : 0);
      const newest = [1, 3, 200][Math.floor(at / ranges.length) % 3] ?? 1;
      const rest = Math.max(0, closed - newest);
      expect(await server.get(`${ofBars}&newest=${newest}`)).toMatchObject({
        isLastOpen,
        bars: { day: bars.day.slice(rest), close: bars.close.slice(rest) },
      });
      const ofEmas = `/api/assets/1/emas?${query}${alignment}&periods=6&previews=last`;
      const all = await server.get<EmasResponse>(ofEmas);
      // With fewer bars all of it is wanted, as it is where nothing has closed.
      const from = closed < newest ? '' : (bars.day[rest] ?? '');
      const isWanted = (_: unknown, index: number) => (all.day[index] ?? '') >= from;
      expect(await server.get(`${ofEmas}&newest=${newest}`)).toMatchObject({
        day: all.day.filter(isWanted),
        series: [{ ema: all.series[0]?.ema.filter(isWanted) }],
      });
    }
  });

  test('kind: the values of this kind alone', async () => {
    const query = '/api/assets/1/emas?tf=2D&periods=6,20';
    const both = await server.get<EmasResponse>(query);
    const series = (change: object) => both.series.map((each) => ({ ...each, ...change }));
    expect(await server.get(`${query}&kind=ema`)).toEqual({ ...both, series: series({ emaBar: [] }) });
    expect(await server.get(`${query}&kind=ema_bar`)).toEqual({ ...both, series: series({ ema: [] }) });
  });

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
  ['/api/assets/1/emas?tf=7D&periods=6&kind=sma', 400, 'kind expects one of ema, ema_bar, got "sma"'],
  ['/api/assets/1/bars?tf=7D&newest=0', 400, 'newest expects a number of bars from 1 to 9999, got "0"'],
  ['/api/assets/1/emas?tf=7D&periods=6&previews=no', 400, 'previews expects one of all, last, got "no"'],
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
