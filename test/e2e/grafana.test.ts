/** deploy/grafana/barwright.json: every question in it is asked of a real database, as a reader, the way Grafana asks it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type Database, openDatabase } from '../../src/storage/session/database.js';
import { createDashboard, type Dashboard } from '../support/dashboard.js';

interface Panel {
  id: number;
  title: string;
  type: string;
  datasource?: { uid: string };
  gridPos: { x: number; y: number; w: number; h: number };
  targets?: { rawSql: string; format: string; datasource: { uid: string } }[];
}

interface Variable {
  name: string;
  type: string;
  query: string;
  current: { value?: string | string[] };
}

const FILE = resolve(import.meta.dirname, '../../deploy/grafana/barwright.json');
const dashboardFile: unknown = JSON.parse(readFileSync(FILE, 'utf8'));
const { panels, templating } = dashboardFile as { panels: Panel[]; templating: { list: Variable[] } };
const asking = panels.filter((panel) => panel.type !== 'row');
const variables = templating.list.filter(({ type }) => type === 'query');

/** What people chose, by variable; '4' and the like: else the value that the file begins with. */
type Choice = Readonly<Record<string, string | string[]>>;

/** As the data source of Grafana fills in variables and macros. */
function fillIn(sql: string, choice: Choice = {}): string {
  const day = 86_400_000;
  const time = (ms: number) => `'${new Date(ms).toISOString()}'`;
  const [from, to] = [time(Date.now() - 90 * day), time(Date.now() + day)];
  const chosen: Choice = { asset: '4', ...choice };
  const filled = templating.list.reduce((text, { name, current }) => {
    const value = chosen[name] ?? current.value ?? '';
    // One value goes in as it is, with its quotes doubled; of several each is quoted.
    const words = Array.isArray(value)
      ? value.map((each) => `'${each.replaceAll("'", "''")}'`).join(',')
      : value.replaceAll("'", "''");
    return text.replaceAll(new RegExp(`\\$${name}\\b`, 'g'), words);
  }, sql);
  return filled
    .replaceAll(/\$__timeFilter\(([^)]+)\)/g, `$1 between ${from} and ${to}`)
    .replaceAll('$__timeFrom()', from)
    .replaceAll('$__timeTo()', to);
}

let dashboard: Dashboard;
let reader: Database;
beforeAll(async () => {
  dashboard = await createDashboard();
  reader = openDatabase(dashboard.warehouse.urls.reader, { maxConnections: 1 });
  await dashboard.warehouse.execute(`insert into asset_quarantine (id, component, failures, last_run, reason, quarantined_at)
    values (7, 'emas', 3, gen_random_uuid(), 'its numbers', now())`);
}, 120_000);
afterAll(async () => {
  await reader?.close();
  await dashboard?.close();
});

/** Names of columns and rows. A data source says nothing of a time zone: the session has that of the server or the role. */
const askAsReader = (sql: string, { zone = 'UTC', choice = {} }: { zone?: string; choice?: Choice } = {}) =>
  reader.read(async (tx) => {
    await tx.execute(`set local timezone = '${zone}'`);
    const filled = fillIn(sql, choice);
    const [names] = await tx.query<[string[] | null]>(
      `select array_agg(key) from (select to_jsonb(q) as row from (${filled}) q limit 1) r, jsonb_object_keys(row) key`,
    );
    return { names: names?.[0] ?? [], rows: await tx.query(filled) };
  });
const sqlOf = (id: number) => panels.find((panel) => panel.id === id)?.targets?.[0]?.rawSql ?? '';

const ANSWERS_BY_DAY = [13, 14, 15];

test.each(['Asia/Tokyo', 'America/Los_Angeles'])('in a session of %s days are those of UTC', async (zone) => {
  for (const id of ANSWERS_BY_DAY) {
    // Of a time a session of another zone writes another text.
    const sql = `select (to_jsonb(q) - 'time')::text from (${sqlOf(id)}) q`;
    const there = await askAsReader(sql, { zone });
    expect(there.rows.length).toBeGreaterThan(0);
    expect(there, `panel ${id}`).toEqual(await askAsReader(sql));
  }
});

test('every alignment, one period and all of them: bars and EMAs come', async () => {
  const optionsOf = async (name: string, choice: Choice = {}) => {
    const query = variables.find((variable) => variable.name === name)?.query ?? '';
    return (await askAsReader(query, { choice })).rows.map((row) => String(row[0]));
  };
  const alignments = await optionsOf('alignment');
  expect(alignments).toHaveLength(5);
  const periods = await optionsOf('period');
  for (const alignment of alignments) {
    const tfs = await optionsOf('tf', { alignment });
    const choice = { alignment, tf: tfs[0] ?? '' };
    const bars = await askAsReader(sqlOf(13), { choice });
    expect(bars.rows.length, alignment).toBeGreaterThan(0);
    const one = await askAsReader(sqlOf(14), { choice: { ...choice, period: periods.slice(0, 1) } });
    const all = await askAsReader(sqlOf(14), { choice: { ...choice, period: periods } });
    expect(new Set(one.rows.map((row) => row[1]))).toEqual(new Set([`EMA ${periods[0]}`]));
    expect(all.rows.length, alignment).toBeGreaterThan(one.rows.length);
  }
});

/** The classic model, as far as this file makes use of it. Strict: a name that it lacks is a mistake. */
const SOURCE = z.strictObject({ type: z.literal('grafana-postgresql-datasource'), uid: z.string() });
const PLACE = z.strictObject({
  x: z.int().min(0).max(23),
  y: z.int().min(0),
  w: z.int().min(1).max(24),
  h: z.int().min(1),
});
const OPTION = z.strictObject({
  text: z.union([z.string(), z.array(z.string())]).optional(),
  value: z.union([z.string(), z.array(z.string())]).optional(),
});
const NAMED = {
  name: z.string().regex(/^\w+$/),
  label: z.string(),
  hide: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  current: OPTION,
  options: z.array(OPTION),
  query: z.string(),
};
const CHOICES = { refresh: z.int(), multi: z.boolean(), includeAll: z.boolean() };
const VARIABLE = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('datasource'), ...NAMED, ...CHOICES }),
  z.strictObject({ type: z.literal('textbox'), ...NAMED }),
  z.strictObject({
    type: z.literal('query'),
    ...NAMED,
    ...CHOICES,
    datasource: SOURCE,
    definition: z.string(),
    sort: z.int().min(0).max(8),
  }),
]);
const TARGET = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource: SOURCE,
  editorMode: z.literal('code'),
  format: z.enum(['table', 'time_series']),
  rawQuery: z.literal(true),
  rawSql: z.string().min(1),
});
const PANEL = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('row'),
    id: z.int(),
    title: z.string(),
    gridPos: PLACE,
    collapsed: z.boolean(),
    panels: z.tuple([]),
  }),
  z.strictObject({
    type: z.enum(['stat', 'table', 'timeseries', 'candlestick']),
    id: z.int(),
    title: z.string(),
    description: z.string(),
    datasource: SOURCE,
    gridPos: PLACE,
    targets: z.array(TARGET),
    fieldConfig: z.strictObject({ defaults: z.looseObject({}), overrides: z.array(z.unknown()) }),
    options: z.looseObject({}),
  }),
]);
const MODEL = z.strictObject({
  id: z.null(),
  uid: z.string().max(40),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  timezone: z.literal('utc'),
  editable: z.boolean(),
  graphTooltip: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  timepicker: z.looseObject({}),
  refresh: z.string(),
  // Since 36 panels and targets name their data source as an object.
  schemaVersion: z.int().min(36),
  version: z.int(),
  links: z.array(z.unknown()),
  annotations: z.strictObject({ list: z.array(z.unknown()) }),
  templating: z.strictObject({ list: z.array(VARIABLE) }),
  panels: z.array(PANEL),
});

test('it is of the classic dashboard model', () => {
  expect(MODEL.safeParse(dashboardFile).error?.issues ?? []).toEqual([]);
});

const MACROS = ['__timeFilter', '__timeFrom', '__timeTo'];

test('every variable is defined before it is used, and used; every macro is one of the data source', () => {
  const namesIn = (text: string) =>
    [...text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name ?? '').filter((name) => !MACROS.includes(name));
  const defined = new Set<string>();
  for (const { name, query } of templating.list) {
    for (const used of namesIn(query)) expect([...defined], `${name} asks for $${used}`).toContain(used);
    defined.add(name);
  }
  const used = new Set(panels.flatMap((panel) => namesIn(JSON.stringify(panel))));
  expect([...used].sort()).toEqual([...defined].sort());
});

describe('a variable is a value, whatever a link says', () => {
  const isMulti = (name: string) =>
    templating.list.some((each) => each.name === name && 'multi' in each && each.multi === true);
  const single = templating.list.map(({ name }) => name).filter((name) => !isMulti(name));

  test('one value has quotes; of several the data source quotes each', () => {
    for (const panel of asking) {
      const sql = sqlOf(panel.id).replaceAll(/'\$\w+'/g, "''");
      for (const name of single) expect(sql, panel.title).not.toMatch(new RegExp(`\\$\\{?${name}\\b`));
    }
  });

  test.each(["0 * interval '1 s' or true --", "x'; select pg_sleep(60); --", '1) from pg_authid --'])(
    '%s is no SQL',
    async (value) => {
      const choice = Object.fromEntries(single.map((name) => [name, value]));
      for (const panel of asking) {
        const answer = await askAsReader(sqlOf(panel.id), { choice }).catch((error: Error) => error.message);
        const plain = await askAsReader(sqlOf(panel.id)).catch((error: Error) => error.message);
        if (typeof answer === 'string') expect(answer, panel.title).toMatch(/invalid input/);
        else
          expect(answer.rows.length, panel.title).toBeLessThanOrEqual((plain as typeof answer).rows.length);
      }
    },
  );
});

describe('panels', () => {
  test.each(asking.map((panel) => [panel.title, panel] as const))('%s', async (_title, { type, targets }) => {
    expect(targets).toHaveLength(1);
    const { rawSql = '', format } = targets?.[0] ?? {};
    const { names, rows } = await askAsReader(rawSql);
    expect(rows.length).toBeGreaterThan(0);
    if (format === 'time_series') {
      expect([...names].sort()).toEqual(['metric', 'time', 'value']);
      const times = rows.map((row) => Number(row[0]));
      expect(times).toEqual(times.toSorted((a, b) => a - b));
    }
    if (type === 'candlestick')
      expect(names).toEqual(expect.arrayContaining(['time', 'open', 'high', 'low', 'close', 'volume']));
    if (type === 'stat') expect(rows).toHaveLength(1);
  });

  test('what they say is so', async () => {
    const rowsOf = async (id: number) => (await askAsReader(sqlOf(id))).rows;
    // Active are 1, 2, 3, 4, 6 and 7; 2 was never read, 3 and 7 are old.
    expect(await rowsOf(2)).toEqual([[0.5]]);
    expect(await rowsOf(5)).toEqual([[1]]);
    const bars = await dashboard.server.get<{ bars: { close: number[] } }>('/api/assets/4/bars?tf=7D');
    const closed = bars.bars.close.slice(0, -1);
    expect((await rowsOf(13)).map((row) => row[4])).toEqual(closed.slice(-(await rowsOf(13)).length));
    expect(await rowsOf(15)).toHaveLength(3);
    expect((await rowsOf(11)).map((row) => row[2])).toContain(6);
  });
});

test.each(variables.map((variable) => [variable.name, variable] as const))(
  'variable %s',
  async (_name, { query, current }) => {
    const { rows } = await askAsReader(query);
    const values = rows.map((row) => String(row[0]));
    for (const value of [current.value ?? ''].flat()) expect(values).toContain(value);
  },
);

test('the file is whole: ids once, panels beside each other, every question to the chosen database', () => {
  const ids = panels.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const panel of asking)
    for (const { uid } of [
      panel.datasource ?? { uid: '' },
      ...(panel.targets ?? []).map((each) => each.datasource),
    ])
      expect(uid).toBe('${' + 'datasource}');
  const overlap = (a: Panel['gridPos'], b: Panel['gridPos']) =>
    a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
  for (const [index, { gridPos, title }] of panels.entries()) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    const others = panels.slice(index + 1).filter((other) => overlap(gridPos, other.gridPos));
    expect(
      others.map((other) => other.title),
      title,
    ).toEqual([]);
  }
});
