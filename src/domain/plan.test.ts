import { expect, test } from 'vitest';
import { DAY_US, parseDay } from './day.js';
import {
  alignmentsOfBuilders,
  type BarFacts,
  type DailyState,
  includesDaily,
  planBars,
  type SourceExtent,
} from './plan.js';

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
};
const LEVEL: SourceExtent = {
  rows: 3952,
  hash: '42',
  seenRows: 3952,
  seenHash: '42',
  minUs: closeOf('2015-01-01'),
  maxUs: closeOf('2025-10-26'),
  newMinUs: null,
};

function plan(facts: Partial<BarFacts> & { extent?: Partial<SourceExtent> }, fullRebuild = false) {
  const { extent = {}, ...rest } = facts;
  const level = {
    id: 1,
    daily: DAILY,
    source: { ...LEVEL, ...extent },
    includesDaily: true,
    laggingSeries: 0,
  };
  return planBars({ ...level, ...rest }, { fullRebuild });
}

const FOUR_NEW_DAYS = {
  rows: 3956,
  hash: '7',
  maxUs: closeOf('2025-10-30'),
  newMinUs: closeOf('2025-10-27'),
} as const;

test.each([
  ['nothing new', plan({}), 'none', 'up to date (2025-10-26)'],
  ['new days', plan({ extent: FOUR_NEW_DAYS }), 'append', 'append 4 days (2025-10-27 to 2025-10-30)'],
  [
    'one new day',
    plan({ extent: { rows: 3953, maxUs: closeOf('2025-10-27'), newMinUs: closeOf('2025-10-27') } }),
    'append',
    'append 1 day (2025-10-27)',
  ],
  ['series behind', plan({ laggingSeries: 3 }), 'append', 'catch up 3 series to 2025-10-26'],
  [
    'never built',
    plan({ daily: null, extent: { newMinUs: closeOf('2015-01-01') } }),
    'rebuild',
    'first build: 3952 days (2015-01-01 to 2025-10-26)',
  ],
  ['no prices at all', plan({ daily: null, source: null }), 'skip', 'the source has no prices for it'],
  [
    'restated',
    plan({ extent: { seenHash: '41' } }),
    'rebuild',
    'rebuild: days up to 2025-10-26 were restated',
  ],
  [
    'a late row',
    plan({ extent: { rows: 3953, seenRows: 3953, seenHash: '1' } }),
    'rebuild',
    'rebuild: 1 day arrived late, up to 2025-10-26',
  ],
  [
    'rows deleted',
    plan({ extent: { rows: 3950, seenRows: 3950, seenHash: '1' } }),
    'rebuild',
    'rebuild: 2 days vanished from the source, up to 2025-10-26',
  ],
  [
    'second row of the newest day',
    plan({ extent: { rows: 3953, newMinUs: closeOf('2025-10-26') + 1, maxUs: closeOf('2025-10-26') + 1 } }),
    'rebuild',
    'rebuild: another source row for 2025-10-26, which was judged already',
  ],
  ['asked for', [1].map(() => plan({}, true))[0], 'rebuild', 'rebuild: full rebuild asked for'],
  [
    'without the 1d builder, never built',
    plan({ includesDaily: false, source: null, daily: null }),
    'skip',
    'it has no 1D bars yet: run the 1d builder first',
  ],
  ['without the 1d builder', plan({ includesDaily: false, source: null }), 'none', 'up to date (2025-10-26)'],
])('%s', (_, planned, action, reason) => {
  expect(planned).toMatchObject({ id: 1, action, reason, isBlocked: false, isBackfill: false });
});

test('older history is a backfill', () => {
  const backfill = { rows: 3953, seenRows: 3953, seenHash: '1', minUs: closeOf('2014-12-31') };
  expect(plan({ extent: backfill })).toMatchObject({
    action: 'rebuild',
    reason: 'rebuild: backfill since 2014-12-31',
    isBackfill: true,
  });
});

test('an asset whose source rows have all gone is blocked, also when a full rebuild is asked for', () => {
  for (const fullRebuild of [false, true]) {
    expect(plan({ source: null }, fullRebuild)).toMatchObject({ action: 'skip', isBlocked: true });
  }
});

test('null means all builders, an empty list none', () => {
  expect(alignmentsOfBuilders(null)).toHaveLength(5);
  expect(alignmentsOfBuilders([])).toEqual([]);
  expect(alignmentsOfBuilders(['1d', 'cal_us'])).toEqual(['cal_us']);
  expect([includesDaily(null), includesDaily(['1d']), includesDaily([])]).toEqual([true, true, false]);
});
