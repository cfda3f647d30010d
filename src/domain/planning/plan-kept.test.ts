/** Plans for a source that has lost its oldest days, and for days that are kept. */
import { expect, test } from 'vitest';
import { DAY_US, parseDay } from '../calendar/day.js';
import { JUDGING_VERSION } from '../prices/price.js';
import { NO_ROWS } from '../source/fingerprint.js';
import { type BarFacts, type PlanOptions, planBars } from './plan.js';

const FIRST = parseDay('2020-01-01');
const DAYS = 100;
const endOf = (day: number) => day * DAY_US + DAY_US - 1000;

/** An asset of a hundred days whose source begins later by `lost` of them, and has lost `vanished` more. */
function plan(
  { lost, vanished = 0, ...rest }: { lost: number; vanished?: number } & Omit<Partial<BarFacts>, 'lost'>,
  options: Partial<PlanOptions> & { isOther?: boolean } = {},
) {
  const { isOther = false, ...asked } = options;
  const last = FIRST + DAYS - 1;
  return planBars(
    {
      id: 1,
      daily: {
        ...{ lastSrcUs: endOf(last), dailyMinSeenUs: endOf(FIRST), firstDay: FIRST, lastDay: last },
        ...{ barSeq: DAYS, srcRows: DAYS, srcHash: '1', source: 'a', splits: '', rules: JUDGING_VERSION },
      },
      source: {
        ...{
          relation: isOther ? 'b' : 'a',
          relations: ['a', 'b'],
          rivals: [],
          provisionalUs: null,
          fault: null,
        },
        ...{ rowsOf: 'utc_days', isOther, isFormOld: false, minUs: endOf(FIRST + lost), maxUs: endOf(last) },
        fresh: { rows: 0, hash: '0', minUs: null },
        seen: { ...NO_ROWS, rows: DAYS - lost - vanished, hash: lost + vanished === 0 ? '1' : '2' },
        ...{ noted: null, base: null, notes: [] },
      },
      ...{ unreadable: null, splits: [], laggingSeries: 0, removedSeries: 0, kept: null },
      vanishedDays: vanished,
      lost: lost === 0 ? null : { days: lost, fromDay: FIRST, toDay: FIRST + lost - 1 },
      ...rest,
    },
    { fullRebuild: false, ...asked },
  );
}

const KEPT = { gone: 9, refused: 1, newestUs: endOf(FIRST - 1) };

test.each([1, 31, 99])('%i oldest days lost: kept, whatever their number', (lost) => {
  const { action, reason, isBlocked } = plan({ lost });
  expect({ action, isBlocked }).toEqual({ action: 'repair', isBlocked: false });
  expect(reason).toMatch(/; keep \d+ days? \(2020-01-01.*\) before the source's first day$/);
});

test('days that vanish in the middle are counted without them', () => {
  expect(plan({ lost: 50, vanished: 31 })).toMatchObject({ action: 'skip', isBlocked: true });
  expect(plan({ lost: 50, vanished: 30 })).toMatchObject({ action: 'repair', isBlocked: false });
});

test('another source never had them', () => {
  expect(plan({ lost: 31 }, { isOther: true })).toMatchObject({ action: 'skip', isBlocked: true });
  expect(plan({ lost: 30 }, { isOther: true })).toMatchObject({ action: 'repair', isBlocked: false });
});

test('what is kept is no work, until deletions are accepted', () => {
  expect(plan({ lost: 0, kept: KEPT })).toMatchObject({ action: 'none' });
  expect(plan({ lost: 0, kept: KEPT }, { acceptDeletions: true })).toMatchObject({
    action: 'repair',
    reason: 'repair: drop 10 days kept so far',
  });
  expect(plan({ lost: 2, kept: KEPT }, { acceptDeletions: true }).reason).toMatch(
    /; drop 2 days \(.*\); drop 10 days kept so far$/,
  );
});

test('a split counts once any day has come as far, kept ones too', () => {
  const kept = { ...KEPT, newestUs: endOf(FIRST + DAYS) };
  const split = { day: FIRST + DAYS, newUnits: 2, oldUnits: 1, isVolumeInUnits: false };
  expect(plan({ lost: 0, splits: [split] })).toMatchObject({ action: 'none' });
  expect(plan({ lost: 0, splits: [split], kept })).toMatchObject({ action: 'repair' });
});
