import { describe, expect, test } from 'vitest';
import { findNextDue, parseTimetable } from './when.js';

/** The next instants that are due after a moment. */
function listDue(asked: Parameters<typeof parseTimetable>[0], after: string, count: number): string[] {
  const timetable = parseTimetable(asked);
  const found: string[] = [];
  let from = new Date(after);
  while (found.length < count) {
    const due = findNextDue(timetable, from);
    if (due === null) break;
    found.push(due.toISOString().replace(':00.000Z', 'Z'));
    from = due;
  }
  return found;
}

test('times of the day are UTC unless a time zone is named', () => {
  expect(listDue({ at: ['06:00'], timezone: 'UTC' }, '2026-02-27T06:00:00Z', 3)).toEqual([
    '2026-02-28T06:00Z',
    '2026-03-01T06:00Z',
    '2026-03-02T06:00Z',
  ]);
  expect(listDue({ at: ['06:00'], timezone: 'Asia/Tokyo' }, '2026-12-31T00:00:00Z', 2)).toEqual([
    '2026-12-31T21:00Z',
    '2027-01-01T21:00Z',
  ]);
});

test('several times are due in their order, each once', () => {
  const asked = { at: ['18:30', '6:00', '06:00'], timezone: 'UTC' };
  expect(parseTimetable(asked).words).toBe('every day at 06:00 and 18:30 UTC');
  expect(listDue(asked, '2026-05-01T05:59:59Z', 3)).toEqual([
    '2026-05-01T06:00Z',
    '2026-05-01T18:30Z',
    '2026-05-02T06:00Z',
  ]);
});

describe('where clocks are put forward and back, every day has one round', () => {
  test('an hour that is left out: on that day it is due when the clocks have moved', () => {
    const due = listDue({ at: ['02:30'], timezone: 'Europe/Berlin' }, '2026-03-27T12:00:00Z', 3);
    expect(due.map((instant) => instant.slice(0, 10))).toEqual(['2026-03-28', '2026-03-29', '2026-03-30']);
    expect(due[2]).toBe('2026-03-30T00:30Z');
  });

  test('an hour that comes twice: due once', () => {
    expect(
      listDue({ at: ['02:30'], timezone: 'Europe/Berlin' }, '2026-10-24T12:00:00Z', 2).map((instant) =>
        instant.slice(0, 10),
      ),
    ).toEqual(['2026-10-25', '2026-10-26']);
  });
});

test('a cron pattern, with seconds and without', () => {
  expect(listDue({ cron: '0 6 * * 1-5', timezone: 'UTC' }, '2026-05-01T07:00:00Z', 2)).toEqual([
    '2026-05-04T06:00Z',
    '2026-05-05T06:00Z',
  ]);
  expect(listDue({ cron: '*/20 * * * * *', timezone: 'UTC' }, '2026-05-01T07:00:00Z', 1)).toEqual([
    '2026-05-01T07:00:20.000Z',
  ]);
});

test.each([
  [{ timezone: 'UTC' }, 'schedule needs a time: --at 06:00, or --cron "0 6 * * 1-5"'],
  [
    { at: ['24:00'], timezone: 'UTC' },
    '--at expects times of the day like "06:00" or "06:00,18:30", got "24:00"',
  ],
  [{ at: ['6'], timezone: 'UTC' }, 'got "6"'],
  [{ at: ['06:00'], cron: '* * * * *', timezone: 'UTC' }, '--at and --cron both say when'],
  [{ at: ['06:00'], timezone: 'Mars/Base' }, 'this system knows no "Mars/Base"'],
  [{ cron: 'every day', timezone: 'UTC' }, '--cron expects five fields like "0 6 * * 1-5"'],
  [{ cron: '0 0 31 2 *', timezone: 'UTC' }, '--cron "0 0 31 2 *" is never due'],
])('%j is refused: %s', (asked, words) => {
  expect(() => parseTimetable(asked)).toThrow(words);
});
