/** The screener, asked over HTTP as a reader: every value is that of the views, every filter and order is that of SQL. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { HealthListResponse } from '../../src/web/api/api-freshness-types.js';
import type { ScreenerResponse } from '../../src/web/api/api-screener-types.js';
import { type Server, startServer } from '../support/serving.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const IDS = [1, 2, 3, 4, 5, 6];
const PERIODS = [10, 21, 50];
const FORMULA = '=HYPERLINK("http://a.example")';

let warehouse: Warehouse;
let server: Server;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [
    { ids: IDS, days: 600 },
    { ids: [7], days: 30 },
  ]);
  const { execute } = warehouse;
  await execute(`insert into dim_indicator (name) values ('rsi_14'), ('macd_12_26_9')`);
  // Each asset turns elsewhere.
  await execute(
    `update cmc_price_histories7 set (open, high, low, close) = (select p * 1, p * 1.01, p * 0.99, p
       from (select 100 + 40 * sin(extract(epoch from timestamp) / 86400 / (7 + 5 * id)) as p) x)`,
  );
  await expectExit(0, warehouse.run(['refresh', '--all']));
  await execute(`update dim_assets set symbol = 'S' || id, name = 'asset number ' || id`);
  await execute(`update dim_assets set symbol = $1 where id = 3`, [FORMULA]);
  await execute('update dim_assets set active = false where id = 6');
  server = await startServer([], { url: warehouse.urls.reader });
}, 120_000);
afterAll(async () => {
  await server?.stop();
  await warehouse?.drop();
});

type Row = Record<string, string | number | null>;

async function ask(query: string): Promise<{ answer: ScreenerResponse; rows: Row[] }> {
  const answer = await server.get<ScreenerResponse>(`/api/screener?${query}`);
  const length = answer.columns[0]?.values.length ?? 0;
  const rows = Array.from({ length }, (_, row) =>
    Object.fromEntries(answer.columns.map(({ name, values }) => [name, values[row] ?? null])),
  );
  return { answer, rows };
}

const idsOf = (rows: readonly Row[]) => rows.map(({ id }) => id);
const percent = (a: number, b: number) => 100 * (a / b - 1);

test.each([
  ['multi_tf', '7D'],
  ['cal_us', '1M_CAL'],
  ['cal_anchor_iso', '2W_CAL_ANCHOR_ISO'],
])('%s %s: closes, EMAs and indicators are those of the views', async (alignment, tf) => {
  const { answer, rows } = await ask(
    `tf=${tf}&alignment=${alignment}&periods=50,10,21&indicators=macd_12_26_9,rsi_14`,
  );
  expect(answer).toMatchObject({ alignment, tf, total: 6, count: 6 });
  expect(idsOf(rows)).toEqual([1, 2, 3, 4, 5, 7]);
  const bars = await warehouse.query<[number, string, number]>(
    'select id, watermark_day::text, close from bars_latest where alignment = $1 and tf = $2',
    [alignment, tf],
  );
  const emas = await warehouse.query<[number, number, number]>(
    'select id, period, ema from ema_latest where alignment = $1::bar_alignment and tf = $2 and period = any($3)',
    [alignment, tf, PERIODS],
  );
  const indicators = await warehouse.query<[number, string, number]>(
    'select id, name, preview from indicators_latest where alignment = $1::bar_alignment and tf = $2',
    [alignment, tf],
  );
  for (const row of rows) {
    const [, day, close] = bars.find(([id]) => id === row.id) ?? [];
    expect([row.day, row.close]).toEqual([day, close]);
    for (const period of PERIODS) {
      const ema = emas.find(([id, each]) => id === row.id && each === period)?.[2] ?? null;
      expect(row[`ema_${period}`], `${row.id} ${period}`).toBe(ema);
      expect(row[`distance_${period}`]).toBe(ema === null ? null : percent(close ?? Number.NaN, ema));
    }
    for (const [, name, value] of indicators.filter(([id]) => id === row.id))
      expect(row[name], name).toBe(value);
  }
  // A year and a half has too few months for it.
  expect(rows.some((row) => typeof row['macd_12_26_9.signal'] === 'number')).toBe(tf !== '1M_CAL');
});

test('1D: the newest day, and its change against the day before', async () => {
  const { rows } = await ask('');
  const days = await warehouse.query<[number, number[]]>(
    `select id, array_agg(close order by bar_seq desc) from cmc_price_bars_1d group by id`,
  );
  for (const row of rows) {
    const [close, before] = days.find(([id]) => id === row.id)?.[1] ?? [];
    expect([row.close, row.change]).toEqual([close, percent(close ?? 0, before ?? 0)]);
  }
});

/** How long ago the first line crossed the second, from the rows of the functions alone. */
async function crossedIn(
  id: number,
  tf: string,
  { kind, lines }: { kind: 'ema' | 'ema_bar'; lines: readonly (number | null)[] },
): Promise<number | null> {
  const valuesOf = (period: number | null) =>
    period === null
      ? warehouse.query<[string, number]>(
          `select day::text, close from bar_series($1, $2) where not is_partial_end
           union all select watermark_day::text, close from bars_latest
             where id = $1 and tf = $2 and alignment = 'multi_tf' and is_partial_end order by 1`,
          [id, tf],
        )
      : warehouse.query<[string, number]>(
          `select day::text, ${kind} from ema_series($1, $2, $3)
           where not roll or day = (select max(timestamp at time zone 'UTC')::date from cmc_price_bars_1d where id = $1) order by day`,
          [id, tf, period],
        );
  const [fast, slow] = await Promise.all(lines.map(valuesOf));
  const above = (slow ?? []).flatMap(([day, value]) => {
    const other = (fast ?? []).find(([each]) => each === day)?.[1];
    return other === undefined ? [] : [other > value];
  });
  const at = above.findLastIndex((isAbove) => isAbove !== above.at(-1));
  return at < 0 ? null : above.length - 2 - at;
}

test.each([
  ['1D', '10,21', 'ema', [10, 21]],
  ['7D', '10,21', 'ema', [10, 21]],
  ['7D', '21', 'ema', [null, 21]],
  ['1D', '21', 'ema', [null, 21]],
  ['7D', '10,21', 'ema_bar', [10, 21]],
  ['1D', '21', 'ema_bar', [null, 21]],
] as const)('%s, EMAs %s, %s: bars since the lines crossed', async (tf, periods, kind, lines) => {
  const within = 15;
  const { rows } = await ask(`tf=${tf}&periods=${periods}&kind=${kind}&crossed=${within}`);
  const expected = new Map<number, number | null>();
  for (const id of [1, 2, 3, 4, 5, 7]) expected.set(id, await crossedIn(id, tf, { kind, lines }));
  const wanted = [...expected].filter(([, bars]) => bars !== null && bars < within);
  expect(rows.map(({ id, crossed }) => [id, crossed])).toEqual(wanted);
  expect(wanted.length, JSON.stringify([...expected])).toBeGreaterThan(0);
  const [fast, slow] = lines.map((line) => (line === null ? 'close' : `${kind}_${line}`));
  for (const row of rows)
    expect(row.crossed_to).toBe(Number(row[fast ?? '']) > Number(row[slow ?? '']) ? 'up' : 'down');
});

test.each(['1D', '7D'])(
  '%s: a crossing some bars ago is within one bar more, and not within as many',
  async (tf) => {
    const within = async (bars: number) => (await ask(`tf=${tf}&periods=10,21&crossed=${bars}`)).rows;
    const found = (await within(40)).map(({ id, crossed }) => ({ id, bars: Number(crossed) }));
    expect(found.filter(({ bars }) => bars > 0).length).toBeGreaterThan(1);
    for (const { id, bars } of found) {
      expect(idsOf(await within(bars + 1))).toContain(id);
      if (bars > 0) expect(idsOf(await within(bars))).not.toContain(id);
    }
  },
);

test('order of EMAs, conditions, search and sorting select and order the same rows as SQL', async () => {
  const { rows: all } = await ask('periods=10,21,50&indicators=rsi_14');
  const orders = new Set(all.map(({ order }) => order));
  for (const order of ['up', 'down']) {
    const { rows } = await ask(`periods=10,21,50&order=${order}`);
    expect(idsOf(rows)).toEqual(
      idsOf(
        all.filter((row) => {
          const values = PERIODS.map((period) => row[`ema_${period}`] ?? null);
          if (values.includes(null)) return false;
          const sorted = values.toSorted((a, b) => Number(b) - Number(a));
          return String(values) === String(order === 'up' ? sorted : sorted.reverse());
        }),
      ),
    );
  }
  expect(orders.size).toBeGreaterThan(1);
  const { rows: low } = await ask(`indicators=rsi_14&where=${encodeURIComponent('rsi_14 < 50, close > 1')}`);
  expect(idsOf(low)).toEqual(idsOf(all.filter(({ rsi_14: rsi }) => rsi !== null && Number(rsi) < 50)));
  const { rows: sorted } = await ask('periods=10,21,50&sort=distance_50&down=1');
  const distances = sorted.flatMap(({ distance_50: each }) => (each === null ? [] : [Number(each)]));
  expect(distances).toEqual(distances.toSorted((a, b) => b - a));
  expect(sorted.at(-1)).toMatchObject({ id: 7, distance_50: null });
  expect(idsOf((await ask('search=number%204')).rows)).toEqual([4]);
  const { answer, rows: two } = await ask('limit=2');
  expect([answer.count, two.length]).toEqual([6, 2]);
});

test('health: as the list of healths has it, sorted from good to bad, filtered, with its words in the CSV', async () => {
  await warehouse.execute(
    `insert into price_finding (id, day, kind, factor, is_old) values (2, '2020-01-01', 'jump', 9, false)`,
  );
  await warehouse.execute(
    `insert into asset_quarantine (id, component, failures, last_run, last_failed_at, reason, quarantined_at)
     values (5, 'bars', 5, gen_random_uuid(), now(), 'of this test', now())`,
  );
  const list = await server.get<HealthListResponse>('/api/health-of-assets');
  const known = list.id.flatMap((id, index) =>
    id === 6 ? [] : [{ id, health: list.health[index], health_why: list.why[index] }],
  );
  const foundOf = (rows: readonly Row[]) =>
    rows.map(({ id, health, health_why }) => ({ id, health, health_why }));
  expect(foundOf((await ask('health=any')).rows)).toEqual(known);
  expect(known.find(({ id }) => id === 2)?.health_why).toContain('1 implausible day');
  expect(known.find(({ id }) => id === 5)).toMatchObject({ health: 'bad', health_why: 'quarantined' });
  const { answer, rows } = await ask('sort=health&down=1');
  expect(answer.columns.map(({ name }) => name).slice(3, 5)).toEqual(['health', 'health_why']);
  const ranks = rows.map(({ health }) => ['bad', 'watch', 'good'].indexOf(String(health)));
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  expect(new Set(ranks).size).toBeGreaterThan(1);
  for (const health of ['bad', 'watch', 'bad,watch'])
    expect(idsOf((await ask(`health=${health}`)).rows)).toEqual(
      known.filter((each) => health.split(',').includes(String(each.health))).map(({ id }) => id),
    );
  const { body } = await server.ask('/api/screener.csv?health=bad');
  expect(body).toMatch(/^id,symbol,name,health,health_why,day,/);
  expect(body).toMatch(/\r\n5,S5,asset number 5,bad,quarantined,/);
  await warehouse.execute('delete from price_finding; delete from asset_quarantine');
});

test.each(['1D', '7D'])('%s, ema_bar: EMAs over closes of bars, under their own name', async (tf) => {
  const { answer, rows } = await ask(`tf=${tf}&periods=10,21&kind=ema_bar`);
  const names = answer.columns.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['ema_bar_10', 'ema_bar_21', 'distance_21']));
  expect(names).not.toContain('ema_21');
  const stored = await warehouse.query<[number, number]>(
    `select id, ema_bar from ema_latest where alignment = 'multi_tf' and tf = $1 and period = 21 order by id`,
    [tf],
  );
  const valued = rows.filter(({ ema_bar_21: value }) => value !== null);
  expect(valued.map(({ id, ema_bar_21: value }) => [id, value])).toEqual(stored.filter(([id]) => id !== 6));
  expect(valued.length).toBeGreaterThan(4);
  for (const { close, ema_bar_21: value, distance_21: distance } of valued)
    expect(distance).toBe(percent(Number(close), Number(value)));
});

test('CSV has all rows of exactly this view, and no formula', async () => {
  const query = 'health=any&periods=10,21&sort=close&down=1&where=close>1';
  const { answer, rows } = await ask(query);
  const { body, headers } = await server.ask(`/api/screener.csv?${encodeURI(query)}&limit=1`);
  const lines = body.trimEnd().split('\r\n');
  expect(lines[0]).toBe(answer.columns.map(({ name }) => name).join(','));
  expect(lines.slice(1).map((line) => Number(line.split(',')[0]))).toEqual(idsOf(rows));
  expect(body).toContain(`"'=HYPERLINK(""http://a.example"")"`);
  expect(headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="screener-1D.csv"',
  });
});

test.each([
  ['tf=9D', 'no timeframe "9D"'],
  ['tf=7D&alignment=v2', 'v2'],
  ['periods=8', 'no period 8'],
  ['crossed=5', 'crossed expects an EMA'],
  ['periods=21&crossed=101', 'crossed expects a number from 1 to 100'],
  ['periods=21&order=up', 'order expects at least two EMAs'],
  ['periods=10,21&order=left', 'order expects one of up, down'],
  ['indicators=adx_14', 'adx_14 is not active'],
  ['where=rsi_14<30', 'where knows no column "rsi_14"'],
  ['where=close', 'where expects conditions'],
  ['health=ill', 'health expects any, or some of good, watch, bad'],
  ['sort=price', 'sort knows no column "price"'],
  ['limit=0', 'limit expects'],
])('%s: refused in a sentence', async (query, words) => {
  const { status, body } = await server.ask(`/api/screener?${encodeURI(query)}`);
  expect([status, JSON.parse(body).error]).toEqual([400, expect.stringContaining(words)]);
});
