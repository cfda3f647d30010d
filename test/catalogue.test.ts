import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TIMEFRAMES } from '../src/domain/calendar/timeframe.js';
import { PERIODS } from '../src/domain/emas/period.js';
import { createTestDatabase, type TestDatabase } from './support/database.js';

let warehouse: TestDatabase;
beforeAll(async () => {
  warehouse = await createTestDatabase();
});
afterAll(() => warehouse.drop());

test('a new warehouse has exactly the timeframes of the catalogue, with their nominal days', async () => {
  const rows = await warehouse.database.read((tx) =>
    tx.query<[string, string, number]>('select alignment::text, tf, tf_days from dim_timeframe'),
  );
  const expected = TIMEFRAMES.map(({ alignment, tf, nominalDays }) => [alignment, tf, nominalDays]);
  expect(rows.map(String).sort()).toEqual(expected.map(String).sort());
});

test('a new warehouse has exactly the periods of the catalogue', async () => {
  const rows = await warehouse.database.read((tx) => tx.query<[number]>('select period from dim_period'));
  expect(rows.flat().sort((a, b) => a - b)).toEqual(PERIODS);
});

/** Arrays and headers that the views over these tables show by rows; docs/reference/sql.md promises no form of them. */
const FORMLESS = ['bar_carry', 'ema_carry', 'bar_base', 'ema_base'];

test('docs/reference/sql.md names every table, every view, and every column of them', async () => {
  const text = readFileSync(resolve(import.meta.dirname, '../docs/reference/sql.md'), 'utf8');
  const named = new Set([...text.matchAll(/`([a-z0-9_]+)`/g)].map(([, name]) => name));
  const rows = await warehouse.database.read((tx) =>
    tx.query<[string, string]>(
      `select c.relname, a.attname from pg_class c
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v')`,
    ),
  );
  expect(rows.length).toBeGreaterThan(200);
  const missing = rows.flatMap(([relation, column]) => [
    ...(named.has(relation) ? [] : [relation]),
    ...(named.has(column) || FORMLESS.includes(relation) ? [] : [`${relation}.${column}`]),
  ]);
  expect([...new Set(missing)]).toEqual([]);
});
