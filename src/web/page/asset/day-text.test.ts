import { expect, test } from 'vitest';
import { dayProblemOf } from './day-text.js';

test('what is refused comes with what would be taken', () => {
  const range = { firstDay: '2020-03-01', lastDay: '2026-05-31' };
  expect(dayProblemOf('2020-03-01', range)).toBeNull();
  expect(dayProblemOf('2026-05-31', range)).toBeNull();
  expect(dayProblemOf('31.05.2026', range)).toBe(
    'A day like 2026-05-31 was expected (YYYY-MM-DD), not "31.05.2026".',
  );
  const outside = 'is not one of its days, which go from 2020-03-01 to 2026-05-31.';
  expect(dayProblemOf('2020-02-29', range)).toBe(`2020-02-29 ${outside}`);
  expect(dayProblemOf('2026-06-01', range)).toBe(`2026-06-01 ${outside}`);
  expect(dayProblemOf('2026-06-01', { firstDay: null, lastDay: null })).toBe('This asset has no days yet.');
});

test('while the days are not known, any day is taken', () => {
  expect(dayProblemOf('2026-06-01', null)).toBeNull();
  expect(dayProblemOf('1.6.2026', null)).toContain('A day like 2026-01-31 was expected');
});
