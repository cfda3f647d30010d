import { expect, test } from 'vitest';
import { parseDay } from '../calendar/day.js';
import { ALIGNMENTS, type Alignment } from '../calendar/timeframe.js';
import { type EmaAssetState, KERNEL_VERSION } from '../emas/series.js';
import { alignmentsOfFamilies, type EmaAlignmentFacts, type EmaFacts, planEmas } from './plan-emas.js';

const DAY = parseDay('2025-10-26');
const STATE: EmaAssetState = {
  watermarkDay: DAY,
  watermarkTsUs: 0,
  rowCount: 3952,
  lastClose: 1,
  closeSum: 1,
  kernelVersion: KERNEL_VERSION,
  periods: [6, 9],
};

type Changes = Partial<Record<Alignment, Partial<EmaAlignmentFacts>>>;

function plan(changes: Changes, facts: Partial<EmaFacts> = {}, fullRebuild = false) {
  const alignments = ALIGNMENTS.map((alignment) => ({
    alignment,
    state: STATE,
    repairFrom: null,
    targetDay: DAY,
    fullTargetDay: DAY,
    isUneven: false,
    isRemoved: false,
    pendingSeries: 0,
    laggingSeries: 0,
    removedSeries: 0,
    ...changes[alignment],
  }));
  const level = { id: 1, daily: { lastDay: DAY, barSeq: 3952 }, periods: [6, 9], alignments };
  return planEmas({ ...level, ...facts }, { fullRebuild });
}

const everywhere = (change: Partial<EmaAlignmentFacts>): Changes =>
  Object.fromEntries(ALIGNMENTS.map((alignment) => [alignment, change]));

test.each([
  ['level', plan({}), 'none', 'up to date (2025-10-26)'],
  ['no 1D bars', plan({}, { daily: null }), 'skip', 'it has no 1D bars yet'],
  ['no accepted day', plan({}, { daily: { lastDay: null, barSeq: 0 } }), 'none', 'no day was accepted'],
  ['never built', plan(everywhere({ state: null })), 'rebuild', 'first build: up to 2025-10-26'],
  [
    'new days',
    plan(everywhere({ targetDay: DAY + 4 }), { daily: { lastDay: DAY + 4, barSeq: 3956 } }),
    'append',
    'append 4 days (after 2025-10-26 up to 2025-10-30)',
  ],
  [
    'bars of one alignment lag',
    plan(
      { ...everywhere({ targetDay: DAY + 4 }), cal_us: {} },
      { daily: { lastDay: DAY + 4, barSeq: 3956 } },
    ),
    'append',
    'multi_tf, cal_iso, cal_anchor_us, cal_anchor_iso, v2: append 4 days (after 2025-10-26 up to 2025-10-30)',
  ],
  ['a new timeframe', plan({ cal_us: { pendingSeries: 2 } }), 'append', 'cal_us: 2 series with closed bars'],
  ['a new period', plan({}, { periods: [6, 9, 33] }), 'repair', 'rebuild: periods changed: 33 added'],
  ['a period removed', plan({}, { periods: [6] }), 'repair', 'rebuild: periods changed: 9 removed'],
  [
    'another kernel',
    plan(everywhere({ state: { ...STATE, kernelVersion: 0 } })),
    'repair',
    `rebuild: kernel version 0 is now ${KERNEL_VERSION}`,
  ],
  ['bars changed', plan({ cal_us: { repairFrom: DAY - 100 } }), 'repair', 'cal_us: repair from 2025-07-18'],
  [
    'series behind and series removed',
    plan({ v2: { laggingSeries: 3, removedSeries: 1 } }),
    'append',
    'v2: catch up 3 series, remove 1 series',
  ],
  [
    'the last timeframe of an alignment removed',
    plan({ cal_iso: { isRemoved: true, removedSeries: 1 } }),
    'append',
    'cal_iso: remove 1 series, the last of their alignment',
  ],
  [
    'an alignment without a timeframe, and without EMAs',
    plan({ cal_iso: { isRemoved: true, state: null } }),
    'none',
    'multi_tf, cal_us, cal_anchor_us, cal_anchor_iso, v2: up to date (2025-10-26); cal_iso: it has no timeframe',
  ],
  ['no series asked for', plan({}, { alignments: [] }), 'none', 'no timeframe asked for'],
  ['asked for', plan({}, {}, true), 'rebuild', 'rebuild: full rebuild asked for'],
  [
    'bars of nothing',
    plan(everywhere({ state: null, targetDay: null })),
    'skip',
    'its bars are not built yet',
  ],
  ['bars went back', plan(everywhere({ targetDay: DAY - 1 })), 'none', 'up to date (2025-10-25)'],
])('%s', (_, planned, action, reason) => {
  expect(planned).toMatchObject({ id: 1, action, reason });
});

test('each alignment has its own task, with the state that it continues from', () => {
  const { action, tasks } = plan({
    cal_us: { state: null },
    v2: { targetDay: DAY + 1 },
    cal_iso: { targetDay: null },
  });
  expect(action).toBe('rebuild');
  expect(tasks.map(({ alignment, action: each, before }) => [alignment, each, before])).toEqual([
    ['cal_us', 'rebuild', null],
    ['v2', 'append', STATE],
  ]);
});

test('families stand for their alignments; null means all, an empty list none', () => {
  expect(alignmentsOfFamilies(null)).toEqual(ALIGNMENTS);
  expect(alignmentsOfFamilies(['v2', 'cal'])).toEqual(['cal_us', 'cal_iso', 'v2']);
  expect(alignmentsOfFamilies([])).toEqual([]);
});
