import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERIODS } from '../src/domain/period.js';
import { TIMEFRAMES } from '../src/domain/timeframe.js';
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
