import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { openDatabase } from '../session/database.js';
import {
  CommitUnknownError,
  causeOf,
  classifyFailure,
  describeFailure,
  findAdvice,
  isCommonFailure,
  isConnectionLost,
  isDataFailure,
} from './failures.js';
import { LeaseLostError } from './lease-lost.js';

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

test('a refused value is named with table, series, constraint and SQLSTATE, and belongs to its asset', async () => {
  const error = await failureOf(`${BAR} 'Infinity' from (select date '2020-01-01') as x (d)`);
  expect(describeFailure(error)).toBe(
    'price_bars refuses a row of cal_us 1M_CAL: constraint price_bars_volume_check, volume is Infinity (SQLSTATE 23514)',
  );
  expect(isCommonFailure(error)).toBe(false);
});

test('a key that is there already is named with its values', async () => {
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

test('SQLSTATEs and lost connections by what they ask of a run', async () => {
  const raise = (state: string) =>
    failureOf(`do $$ begin raise exception 'as ordered' using errcode = '${state}'; end $$`);
  const states = {
    retry: ['40001', '40P01', '57P01', '57P02', '57P03', '25P03', '08006', '55P03', '53300'],
    isolate: ['22003', '23505', '23514', '57014', 'P0001'],
    stop: ['53100', '53200', '42501', '42P01', '28P01', '3D000', '3F000'],
  } as const;
  for (const [asks, each] of Object.entries(states)) {
    for (const state of each) expect([state, classifyFailure(await raise(state))]).toEqual([state, asks]);
  }
  const reset = Object.assign(new Error('read'), { code: 'ECONNRESET' });
  expect(classifyFailure(reset)).toBe('retry');
  expect(classifyFailure(new Error('writing failed', { cause: reset }))).toBe('retry');
  expect(classifyFailure(new CommitUnknownError(reset))).toBe('retry');
  expect(classifyFailure(new Error('writing', { cause: new LeaseLostError('taken over') }))).toBe('stop');
  expect(classifyFailure(new Error('a day is missing'))).toBe('isolate');
});

test('what to do about a failure that meets everybody stands beside it', async () => {
  const full = await failureOf(`do $$ begin raise disk_full using message = 'no space'; end $$`);
  expect(findAdvice(full)).toBe('the disk of the database is full: make room on it, then run again');
  expect(findAdvice(await failureOf('select * from nowhere'))).toMatch(/barwright migrate/);
  expect(findAdvice(new Error('a day is missing'))).toBeNull();
});

test('a server that is not there is one sentence with what to do', async () => {
  const nowhere = openDatabase('postgres://someone:secret@127.0.0.1:1/none');
  const refused = await nowhere.read((tx) => tx.query('select 1')).catch((error: unknown) => error);
  await nowhere.close();
  expect(describeFailure(refused)).toBe(
    'the database cannot be reached (connect ECONNREFUSED 127.0.0.1:1): check that PostgreSQL runs there, ' +
      'that host and port of the database URL are right, and that no firewall is between',
  );
});

test('failures of many assets by one cause are recognised, and those by their values apart', async () => {
  const [one, other] = [
    await failureOf(`do $$ begin raise exception 'asset 52 of "x" is refused'; end $$`),
    await failureOf(`do $$ begin raise exception 'asset 825 of "y" is refused'; end $$`),
  ];
  expect(causeOf(one)).toBe(causeOf(other));
  expect([isDataFailure(one), isDataFailure(new TypeError('x'))]).toEqual([false, false]);
  expect(isDataFailure(await failureOf('select 1 / 0'))).toBe(true);
  expect(isDataFailure(new Error('bar_seq 7 does not follow'))).toBe(true);
});
