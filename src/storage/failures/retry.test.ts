import { describe, expect, test, vi } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.js';
import { startProxy } from '../../../test/support/proxy.js';
import { openDatabase } from '../session/database.js';
import { CommitUnknownError, UnreachableError } from './failures.js';
import { LeaseLostError } from './lease-lost.js';
import { RETRY_POLICY, type RetryNotice, type RetryPolicy, withRetry } from './retry.js';

const QUICK: RetryPolicy = { ...RETRY_POLICY, firstDelayMs: 1, longestDelayMs: 4 };
const lost = () => Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });

/** Work that fails so often before it succeeds. */
function failing(times: number, error: () => unknown = lost) {
  let calls = 0;
  const work = async () => {
    calls += 1;
    if (calls <= times) throw error();
    return calls;
  };
  return { work, calls: () => calls };
}

test('what passes is tried again, reported each time, and bounded', async () => {
  const notices: RetryNotice[] = [];
  const options = { policy: QUICK, onRetry: (notice: RetryNotice) => notices.push(notice) };
  expect(await withRetry(failing(3).work, options)).toBe(4);
  expect(notices.map(({ attempt, attempts }) => [attempt, attempts])).toEqual([
    [2, 8],
    [3, 8],
    [4, 8],
  ]);
  const forEver = failing(Number.POSITIVE_INFINITY);
  await expect(withRetry(forEver.work, { policy: QUICK })).rejects.toThrow('read ECONNRESET');
  expect(forEver.calls()).toBe(8);
});

test.each([
  ['least', 0, [1, 2, 4, 8, 16, 16, 16], 63],
  ['most', 1 - 2 ** -53, [2, 4, 8, 16, 16, 16, 16], 78],
])('pauses grow, and chance makes them longer: at %s', async (_what, random, expected, sum) => {
  const chance = vi.spyOn(Math, 'random').mockReturnValue(random);
  const delays: number[] = [];
  try {
    // A thousandth of the real ones.
    await withRetry(failing(9).work, {
      policy: { ...RETRY_POLICY, firstDelayMs: 1, longestDelayMs: 16 },
      onRetry: ({ delayMs }) => delays.push(delayMs),
    }).catch(() => {});
  } finally {
    chance.mockRestore();
  }
  expect(delays).toEqual(expected);
  expect(delays.reduce((total, delay) => total + delay, 0)).toBe(sum);
});

test('the real pauses are from a second to 16 seconds', () => {
  expect([RETRY_POLICY.firstDelayMs, RETRY_POLICY.longestDelayMs]).toEqual([1_000, 16_000]);
});

test.each([
  ['a mistake of the program', () => new TypeError('x is not a function')],
  ['a lost lease', () => new Error('writing', { cause: new LeaseLostError('taken over') })],
  ['a reason that is no error', () => 'SIGTERM'],
])('%s is handed on at once, as it is', async (_what, make) => {
  const thrown = make();
  const { work, calls } = failing(1, () => thrown);
  await expect(withRetry(work, { policy: QUICK })).rejects.toBe(thrown);
  expect(calls()).toBe(1);
});

test('first contact is waited for less long than a server that was there', async () => {
  const none = () => new UnreachableError('nothing answers');
  const { work, calls } = failing(Number.POSITIVE_INFINITY, none);
  await expect(withRetry(work, { policy: QUICK, hasAnswered: () => false })).rejects.toThrow();
  expect(calls()).toBe(QUICK.firstContactAttempts);
});

describe('after a stop', () => {
  test('the waiting ends at once, with the reason', async () => {
    const stop = new AbortController();
    const hour = 3_600_000;
    const waiting = withRetry(failing(9).work, {
      policy: { ...RETRY_POLICY, firstDelayMs: hour, longestDelayMs: hour },
      signal: stop.signal,
      onRetry: () => setImmediate(() => stop.abort('SIGTERM')),
    });
    await expect(waiting).rejects.toBe('SIGTERM');
  });

  test('work that was in progress is reported as done', async () => {
    const stop = new AbortController();
    const work = async () => {
      stop.abort('SIGTERM');
      return 'committed';
    };
    expect(await withRetry(work, { policy: QUICK, signal: stop.signal })).toBe('committed');
  });

  test('the last things are still done, each in one try', async () => {
    const signal = AbortSignal.abort('SIGTERM');
    expect(await withRetry(async () => 'recorded', { policy: QUICK, signal })).toBe('recorded');
    const { work, calls } = failing(1);
    await expect(withRetry(work, { policy: QUICK, signal })).rejects.toThrow('ECONNRESET');
    expect(calls()).toBe(1);
  });
});

test('a database reads again after its connections were cut; COMMIT without an answer is never assumed', async () => {
  const warehouse = await createTestDatabase();
  const proxy = await startProxy(warehouse.url);
  const database = openDatabase(proxy.url, { retry: { policy: QUICK } });
  await warehouse.database.transaction((tx) => tx.execute('create table done (n int)'));
  const cutOnce = (verdict: 'cut' | 'cut after answer') => {
    let isDone = false;
    proxy.onMessage(({ sql }) => {
      if (sql !== 'commit' || isDone) return 'forward';
      isDone = true;
      return verdict;
    });
  };
  const insert = (n: number) => database.transaction((tx) => tx.execute('insert into done values ($1)', [n]));
  const readDone = () => database.read((tx) => tx.query<[number]>('select n from done order by n'));

  cutOnce('cut');
  expect(await readDone()).toEqual([]);
  cutOnce('cut');
  await expect(insert(1)).rejects.toThrow(CommitUnknownError);
  expect(await readDone()).toEqual([]);
  cutOnce('cut after answer');
  await expect(insert(2)).rejects.toThrow(CommitUnknownError);
  expect(await readDone()).toEqual([[2]]);
  cutOnce('cut after answer');
  await database.repeatable((tx) =>
    tx.execute('insert into done select 3 where not exists (select from done where n = 3)'),
  );
  expect(await readDone()).toEqual([[2], [3]]);
  await database.close();
  await proxy.close();
  await warehouse.drop();
});
