/** deploy/grafana/barwright.json: every question in it is asked of a real database, as a reader, the way Grafana asks it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../../src/storage/database.js';
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
const { panels, templating } = JSON.parse(readFileSync(FILE, 'utf8')) as {
  panels: Panel[];
  templating: { list: Variable[] };
};
const asking = panels.filter((panel) => panel.type !== 'row');
const variables = templating.list.filter(({ type }) => type === 'query');

/** As the data source of Grafana fills in variables and macros. */
function fillIn(sql: string): string {
  const day = 86_400_000;
  const time = (ms: number) => `'${new Date(ms).toISOString()}'`;
  const [from, to] = [time(Date.now() - 90 * day), time(Date.now() + day)];
  const filled = templating.list.reduce((text, { name, current }) => {
    if (name === 'asset') return text.replaceAll('$asset', '4');
    const value = [current.value ?? ''].flat();
    const words = Array.isArray(current.value)
      ? value.map((each) => `'${each}'`).join(',')
      : (value[0] ?? '');
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

/** Names of columns and rows. */
const askAsReader = (sql: string) =>
  reader.read(async (tx) => {
    const filled = fillIn(sql);
    const [names] = await tx.query<[string[] | null]>(
      `select array_agg(key) from (select to_jsonb(q) as row from (${filled}) q limit 1) r, jsonb_object_keys(row) key`,
    );
    return { names: names?.[0] ?? [], rows: await tx.query(filled) };
  });

describe('panels', () => {
  test.each(asking.map((panel) => [panel.title, panel] as const))('%s', async (_title, { type, targets }) => {
    expect(targets).toHaveLength(1);
    const { rawSql = '', format } = targets?.[0] ?? {};
    const { names, rows } = await askAsReader(rawSql);
    expect(rows.length).toBeGreaterThan(0);
    if (format === 'time_series') expect([...names].sort()).toEqual(['metric', 'time', 'value']);
    if (type === 'candlestick')
      expect(names).toEqual(expect.arrayContaining(['time', 'open', 'high', 'low', 'close', 'volume']));
    if (type === 'stat') expect(rows).toHaveLength(1);
  });

  test('what they say is so', async () => {
    const rowsOf = async (id: number) =>
      (await askAsReader(panels.find((panel) => panel.id === id)?.targets?.[0]?.rawSql ?? '')).rows;
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
