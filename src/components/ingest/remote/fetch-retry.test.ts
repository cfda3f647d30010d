import { expect, test, vi } from 'vitest';
import { ask, hasLostAnswer, retryAfterMs } from './fetch-retry.js';

// Read once, when the pauses are made up: the import above comes after.
vi.hoisted(() => {
  process.env.BARWRIGHT_RETRY_DELAY_MS = '1';
});

const PASSING = { retryAfterMs: 0 };

function failing(times: number, error: unknown = new Error('away')) {
  let asked = 0;
  return {
    request: async () => {
      asked += 1;
      if (asked <= times) throw error;
      return 'answer';
    },
    count: () => asked,
  };
}

test('what passes is asked again and said; the seventh failure is the last', async () => {
  const said: string[] = [];
  const options = { what: 'asking', judge: () => PASSING, say: (text: string) => void said.push(text) };
  const late = failing(6);
  expect(await ask(late.request, options)).toBe('answer');
  expect(late.count()).toBe(7);
  expect(said[0]).toMatch(/^\[WARNING\] asking failed: away; trying again in \d+\.\d s \(try 2 of 7\)$/);
  const never = failing(100);
  await expect(ask(never.request, options)).rejects.toThrow('asking failed 7 times');
  expect(never.count()).toBe(7);
});

test('what does not pass is not asked again, whatever kind of error it is; the cause is kept, on one line, and cut', async () => {
  for (const error of [new Error(`no\n${'x'.repeat(500)}`), new TypeError('fetch failed'), 'a text']) {
    const once = failing(1, error);
    const end = ask(once.request, { what: 'asking', judge: () => null, say: () => {} });
    const { message, cause } = await end.then(
      () => new Error('it came to a good end'),
      (failure: Error) => failure,
    );
    expect(message).toBe('asking failed');
    expect((cause as Error).message).toMatch(/^.{1,310}$/);
    expect(once.count()).toBe(1);
  }
});

test('a lost answer is distinguished from a mistake', () => {
  const reset = Object.assign(new Error('other side closed'), { code: 'UND_ERR_SOCKET' });
  expect(hasLostAnswer(new TypeError('terminated', { cause: reset }))).toBe(true);
  expect(hasLostAnswer(new DOMException('too long', 'TimeoutError'))).toBe(true);
  expect(hasLostAnswer(new TypeError('x is not a function'))).toBe(false);
  expect(hasLostAnswer('text')).toBe(false);
});

test('Retry-After is in seconds, or says nothing', () => {
  expect(
    [' 2 ', '0.5', '', null, undefined, '-1', 'Wed, 21 Oct 2015 07:28:00 GMT'].map(retryAfterMs),
  ).toEqual([2000, 500, 0, 0, 0, 0, 0]);
});
