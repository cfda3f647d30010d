import { expect, test } from 'vitest';
import { clockDifference, warningOfClock } from './clock.js';

test('the difference is taken from the middle of the round trip', () => {
  expect(clockDifference({ sentMs: 1000, receivedMs: 3000, serverMs: 9000 })).toEqual({
    seconds: 7,
    uncertaintySeconds: 1,
  });
  expect(clockDifference({ sentMs: 5000, receivedMs: 5000, serverMs: 4000 }).seconds).toBe(-1);
});

test.each([
  [5, 0, null],
  [5.1, 0, /5\.1 s behind the database's/],
  [-5.1, 0, /5\.1 s ahead of the database's/],
  [-5.1, 0.2, null],
  [7, 1.9, /7\.0 s behind/],
  [7, 2, null],
  [0, 60, null],
])('%d s, uncertain by %d s', (seconds, uncertaintySeconds, said) => {
  const warning = warningOfClock({ seconds, uncertaintySeconds });
  if (said === null) expect(warning).toBeNull();
  else expect(warning).toMatch(said);
});
