import { expect, test } from 'vitest';
import { DAY_US, parseDay } from '../calendar/day.js';
import type { DailyState } from '../prices/daily-state.js';
import { JUDGING_VERSION } from '../prices/price.js';
import type { SourceExtent } from '../source/extent.js';
import { type BarFacts, type PlanOptions, planBars } from './plan.js';

/** 23:59:59.999 of a day, epoch microseconds. */
const closeOf = (day: string): number => (parseDay(day) + 1) * DAY_US - 1000;

const DAILY: DailyState = {
  lastSrcUs: closeOf('2025-10-26'),
  dailyMinSeenUs: closeOf('2015-01-01'),
  firstDay: parseDay('2015-01-01'),
  lastDay: parseDay('2025-10-26'),
  barSeq: 3952,
  srcRows: 3952,
  srcHash: '42',
  source: 'public.prices',
  splits: '',
  rules: JUDGING_VERSION,
};
const LEVEL: SourceExtent = {
  relation: 'public.prices',
  relations: ['public.prices'],
  rivals: [],
  rowsOf: 'utc_days',
  provisionalUs: null,
  fault: null,
  isOther: false,
  isFormOld: false,
  minUs: closeOf('2015-01-01'),
  maxUs: closeOf('2025-10-26'),
  fresh: { rows: 0, hash: '0', minUs: null },
  seen: { rows: 3952, hash: '42', xor: '7' },
  noted: null,
  base: null,
  notes: [],
};
const GONE: Partial<SourceExtent> = { minUs: null, maxUs: null, seen: { rows: 0, hash: '0', xor: '7' } };

type Facts = Partial<BarFacts> & { extent?: Partial<SourceExtent> };

function plan({ extent = {}, ...rest }: Facts, options: Partial<PlanOptions> = {}) {
  const level = {
    id: 1,
    daily: DAILY,
    source: { ...LEVEL, ...extent },
    unreadable: null,
    splits: [],
    ...{ vanishedDays: 0, lost: null, kept: null },
    laggingSeries: 0,
    removedSeries: 0,
  };
  return planBars({ ...level, ...rest }, { fullRebuild: false, ...options });
}

function fresh(rows: number, from: string) {
  return { rows, hash: '7', minUs: closeOf(from) };
}

function noted(change: Partial<NonNullable<SourceExtent['noted']>>): Partial<SourceExtent> {
  const nothing = {
    fromDay: parseDay('2021-03-04'),
    inserted: 0,
    updated: 0,
    deleted: 0,
    isTruncated: false,
  };
  return { noted: { ...nothing, ...change } };
}

function splitOn(day: string) {
  return { day: parseDay(day), newUnits: 4, oldUnits: 1, isVolumeInUnits: false };
}

test.each([
  ['nothing new', plan({}), 'none', 'up to date (2025-10-26)'],
  [
    'new days',
    plan({ extent: { fresh: fresh(4, '2025-10-27'), maxUs: closeOf('2025-10-30') } }),
    'append',
    'append 4 days (2025-10-27 to 2025-10-30)',
  ],
  [
    'one new day',
    plan({ extent: { fresh: fresh(1, '2025-10-27'), maxUs: closeOf('2025-10-27') } }),
    'append',
    'append 1 day (2025-10-27)',
  ],
  ['series behind', plan({ laggingSeries: 3 }), 'append', 'catch up 3 series to 2025-10-26'],
  [
    'series removed',
    plan({ removedSeries: 2 }),
    'append',
    'remove 2 series that are not in dim_timeframe any more',
  ],
  [
    'never built',
    plan({ daily: null, extent: { fresh: fresh(3952, '2015-01-01'), seen: null } }),
    'rebuild',
    'first build: 3952 days (2015-01-01 to 2025-10-26)',
  ],
  ['no prices', plan({ daily: null, extent: GONE }), 'skip', 'the source has no prices for it up to now'],
  [
    'restated, by the fingerprint',
    plan({ extent: { seen: { rows: 3952, hash: '41', xor: '7' } } }),
    'repair',
    'repair: days up to 2025-10-26 were corrected',
  ],
  [
    'a fingerprint in the form before, of the same rows',
    plan({ daily: { ...DAILY, srcHash: 'xor:7' }, extent: { isFormOld: true } }),
    'append',
    'write its fingerprint in the new form: its rows are the same',
  ],
  [
    'a fingerprint in the form before, of other rows',
    plan({ daily: { ...DAILY, srcHash: 'xor:8' }, extent: { isFormOld: true } }),
    'repair',
    'repair: days up to 2025-10-26 were corrected',
  ],
  [
    'a late row',
    plan({ extent: { seen: { rows: 3953, hash: '1', xor: '7' } } }),
    'repair',
    'repair: 1 day arrived late (up to 2025-10-26)',
  ],
  [
    'rows deleted',
    plan({ extent: { seen: { rows: 3950, hash: '1', xor: '7' } }, vanishedDays: 2 }),
    'repair',
    'repair: 2 days vanished (up to 2025-10-26)',
  ],
  [
    'one deleted, one late',
    plan({ extent: { seen: { rows: 3952, hash: '1', xor: '7' } }, vanishedDays: 1 }),
    'repair',
    'repair: 1 day vanished, 1 day arrived late (up to 2025-10-26)',
  ],
  [
    'corrected, by notes',
    plan({ extent: noted({ updated: 2 }) }),
    'repair',
    'repair from 2021-03-04 (2 days corrected)',
  ],
  [
    'a split recorded since',
    plan({ splits: [splitOn('2020-08-31')] }),
    'repair',
    'repair: the splits are others (2020-08-31 4:1 new)',
  ],
  [
    'a split taken back',
    plan({ daily: { ...DAILY, splits: '2020-08-31 4:1' } }),
    'repair',
    'repair: the splits are others (2020-08-31 4:1 gone)',
  ],
  [
    'a split in other words',
    plan({
      daily: { ...DAILY, splits: '2020-08-31 2:1' },
      splits: [{ ...splitOn('2020-08-31'), oldUnits: 2 }],
    }),
    'none',
    'up to date (2025-10-26)',
  ],
  ['an announced split', plan({ splits: [splitOn('2025-10-27')] }), 'none', 'up to date (2025-10-26)'],
  [
    'an announced split that has come',
    plan({
      splits: [splitOn('2025-10-27')],
      extent: { fresh: fresh(1, '2025-10-27'), maxUs: closeOf('2025-10-27') },
    }),
    'repair',
    'repair: the splits are others (2025-10-27 4:1 new)',
  ],
  [
    'a correction and a split',
    plan({ extent: noted({ updated: 2 }), splits: [splitOn('2020-08-31')] }),
    'repair',
    'repair from 2021-03-04 (2 days corrected); the splits are others (2020-08-31 4:1 new)',
  ],
  [
    'another source with the same rows',
    plan({ extent: { relation: 'market.b', isOther: true } }),
    'append',
    'read market.b from now on: its rows are the same',
  ],
  [
    'another source with other rows',
    plan({ extent: { relation: 'market.b', isOther: true, seen: { rows: 3952, hash: '41', xor: '7' } } }),
    'repair',
    'repair: days up to 2025-10-26 were corrected; it is read from market.b now',
  ],
  [
    'everything at once, by notes',
    plan({ extent: noted({ updated: 2, inserted: 1, deleted: 3 }) }),
    'repair',
    'repair from 2021-03-04 (2 days corrected, 1 day added, 3 days deleted)',
  ],
  [
    'emptied and filled again',
    plan({ extent: noted({ isTruncated: true, fromDay: Number.NEGATIVE_INFINITY }) }),
    'repair',
    'repair (the source was emptied)',
  ],
  [
    'second row of the newest day',
    plan({
      extent: {
        fresh: { rows: 1, hash: '7', minUs: closeOf('2025-10-26') + 1 },
        maxUs: closeOf('2025-10-26') + 1,
      },
    }),
    'repair',
    'repair from 2025-10-26 (another source row for this day)',
  ],
  ['asked for', plan({}, { fullRebuild: true }), 'rebuild', 'rebuild: full rebuild asked for'],
  [
    'without the 1d builder, never built',
    plan({ source: null, daily: null }),
    'skip',
    'it has no 1D bars yet: run the 1d builder first',
  ],
  ['without the 1d builder', plan({ source: null }), 'none', 'up to date (2025-10-26)'],
])('%s', (_, planned, action, reason) => {
  expect(planned).toMatchObject({ id: 1, action, reason, isBlocked: false, isBackfill: false });
});

test('older history is a backfill', () => {
  const backfill = { seen: { rows: 3953, hash: '1', xor: '7' }, minUs: closeOf('2014-12-31') };
  expect(plan({ extent: backfill })).toMatchObject({
    action: 'repair',
    reason: 'rebuild: backfill since 2014-12-31',
    isBackfill: true,
  });
});

test('an asset whose source rows have all gone is blocked until that is accepted', () => {
  expect(plan({ extent: GONE })).toMatchObject({ action: 'skip', isBlocked: true });
  expect(plan({ extent: GONE }, { fullRebuild: true })).toMatchObject({ action: 'skip', isBlocked: true });
  const accepted = plan({ extent: GONE, vanishedDays: 3952 }, { acceptDeletions: true });
  expect(accepted).toMatchObject({ action: 'repair', isBlocked: false });
  const rebuilt = plan({ extent: GONE, vanishedDays: 3952 }, { acceptDeletions: true, fullRebuild: true });
  expect(rebuilt).toMatchObject({ action: 'repair', isBlocked: false });
});

test('a source that this run does not read has lost nothing: no option gives its days up', () => {
  const daily = { ...DAILY, source: 'market.before' };
  for (const options of [{}, { acceptDeletions: true }, { acceptDeletions: true, fullRebuild: true }])
    expect(plan({ daily, extent: GONE, vanishedDays: 3952 }, options)).toMatchObject({
      ...{ action: 'skip', isBlocked: true, isShrunk: false },
      reason: expect.stringMatching(
        /^it was last read from the source "market\.before", which this run does not read/,
      ),
    });
});

test.each([
  [30, 100, false],
  [31, 620, false],
  [31, 619, true],
  [198, 3952, true],
  [197, 3952, false],
])('%i of %i days vanished: blocked is %s', (vanishedDays, days, isBlocked) => {
  const extent = { seen: { rows: days - vanishedDays, hash: '1', xor: '7' } };
  const planned = plan({ daily: { ...DAILY, barSeq: days, srcRows: days }, extent, vanishedDays });
  expect(planned.isBlocked).toBe(isBlocked);
  if (isBlocked) expect(planned.reason).toContain(`${vanishedDays} of ${days} days have vanished`);
});

test.each([
  ['0001-01-01', null],
  ['0000-12-31', /a row dated 0001-12-31 BC, where a day of the years 1 to 9999/],
  ['-000043-03-15', /a row dated 0044-03-15 BC/],
])('a row of %s', (day, blocked) => {
  const planned = plan({ daily: null, extent: { minUs: closeOf(day), fresh: fresh(3, day) } });
  expect(planned.isBlocked).toBe(blocked !== null);
  if (blocked !== null) expect(planned.reason).toMatch(blocked);
});

test('a source that cannot be read blocks its asset, whatever else is known', () => {
  const unreadable = 'its source cannot be read: division by zero';
  for (const options of [{}, { fullRebuild: true }, { acceptDeletions: true }])
    expect(plan({ unreadable, source: null }, options)).toMatchObject({
      isBlocked: true,
      reason: unreadable,
    });
});

test('days that were judged by other rules are judged again, in every case', () => {
  const older = { daily: { ...DAILY, rules: JUDGING_VERSION - 1 } };
  expect(plan(older)).toMatchObject({
    action: 'repair',
    reason: 'repair: its days are judged by the rules of this version',
  });
  expect(plan({ ...older, extent: { minUs: closeOf('2014-12-31') } })).toMatchObject({ isBackfill: true });
});
