import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { openDatabase } from './database.js';
import { describeFailure, isCommonFailure, isConnectionLost } from './failures.js';
import { LeaseLostError } from './lease.js';

let warehouse: TestDatabase;

beforeAll(async () => {
  warehouse = await createTestDatabase();
});
afterAll(async () => {
  await warehouse?.drop();
});

async function failureOf(sql: string): Promise<unknown> {
  try {
    await warehouse.database.transaction((tx) => tx.query(sql));
  } catch (error) {
    return error;
  }
  throw new Error(`expected to fail: ${sql}`);
}

const BAR = `insert into price_bars (id, alignment, tf, bar_seq, first_day, last_day, tf_days, count_days,
  count_missing_days, count_days_remaining, is_partial_start, time_open, time_close, time_high, time_low,
  open, high, low, close, volume)
  select 825, 'cal_us', '1M_CAL', 1, d, d, 31, 31, 0, 0, false, d, d, d, d, 1, 1, 1, 1, `;

test('a refused value is told with table, series, constraint and SQLSTATE, and belongs to its asset', async () => {
  const error = await failureOf(`${BAR} 'Infinity' from (select date '2020-01-01') as x (d)`);
  expect(describeFailure(error)).toBe(
    'price_bars refuses a row of cal_us 1M_CAL: constraint price_bars_volume_check, volume is Infinity (SQLSTATE 23514)',
  );
  expect(isCommonFailure(error)).toBe(false);
});

test('a key that is there already is told with its values', async () => {
  const error = await failureOf(`${BAR} 1 from (values (date '2020-01-01'), (date '2020-01-02')) as x (d)`);
  expect(describeFailure(error)).toBe(
    'price_bars refuses a row of cal_us 1M_CAL: constraint price_bars_pkey, ' +
      'Key (id, alignment, tf, bar_seq)=(825, cal_us, 1M_CAL, 1) already exists (SQLSTATE 23505)',
  );
});

test('a value that cannot be converted belongs to its asset', async () => {
  const error = await failureOf(`select '1e400'::numeric::float8`);
  expect(describeFailure(error)).toMatch(/out of range.*\(SQLSTATE 22003\)/);
  expect(isCommonFailure(error)).toBe(false);
});

test('a missing table meets every asset, but the connection is there', async () => {
  const error = await failureOf('select * from nowhere');
  expect([isCommonFailure(error), isConnectionLost(error)]).toEqual([true, false]);
});

test('an ended backend and a server that is not there are lost connections', async () => {
  expect(isConnectionLost(await failureOf('select pg_terminate_backend(pg_backend_pid())'))).toBe(true);
  const nowhere = openDatabase('postgres://postgres@127.0.0.1:1/none');
  const refused = await nowhere.read((tx) => tx.query('select 1')).catch((error: unknown) => error);
  await nowhere.close();
  expect(isConnectionLost(refused)).toBe(true);
});

test('a lost lease counts as a lost connection, also as the cause of another error', () => {
  const lost = new LeaseLostError('taken over');
  expect(isConnectionLost(lost)).toBe(true);
  expect(isConnectionLost(new Error('writing failed', { cause: lost }))).toBe(true);
  expect(isCommonFailure(new TypeError('x is not a function'))).toBe(false);
});
