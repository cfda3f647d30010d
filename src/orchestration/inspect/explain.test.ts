import { expect, test } from 'vitest';
import { calendarOfWeekdays, EVERY_DAY } from '../../domain/calendar/calendar.js';
import { DEFAULT_GRACE } from '../../domain/calendar/lateness.js';
import type { AssetPlan } from '../../domain/planning/outcome.js';
import type { BarPlan } from '../../domain/planning/plan.js';
import type { StoredExplanation } from '../../storage/reading/explain.js';
import type { AssetLateness } from '../lateness/read-lateness.js';
import { type ExplainInput, judgeExplanation } from './explain.js';

const HOUR_US = 3_600_000_000;
const NOW_US = Date.UTC(2025, 5, 15, 12) * 1000;
const PROGRESS = { alignments: [], lagging: { count: 0, newest: [] } };

/** An asset whose newest source row, and newest row read, are so many hours old. */
function factsOf(sourceHours: number, readHours: number | null = sourceHours): StoredExplanation {
  const newestUs = NOW_US - sourceHours * HOUR_US;
  const lastSrcUs = readHours === null ? null : NOW_US - readHours * HOUR_US;
  const daily = {
    lastSrcUs,
    firstDay: 20_000,
    lastDay: 20_100,
    bars: 101,
    lastRunUs: NOW_US,
    provenUs: null,
  };
  return {
    nowUs: NOW_US,
    asset: {
      id: 1,
      symbol: 'BTC',
      name: 'Bitcoin',
      assetClass: 'crypto',
      isActive: true,
      quoteCurrency: null,
    },
    source: {
      label: 'public.cmc_price_histories7',
      isTracked: true,
      rows: 101,
      firstUs: 0,
      newestUs,
      waitingRows: 0,
      futureRows: 0,
      futureUs: null,
    },
    daily: readHours === null ? null : daily,
    bars: PROGRESS,
    emas: PROGRESS,
    indicators: null,
    lastRun: null,
    work: [],
    rejectCounts: [],
    rejects: [],
    gaps: { count: 0, days: 0, newest: [] },
    notes: { count: 0, newest: [] },
    lease: null,
    quarantine: [],
    findings: [],
  };
}

const DAILY = calendarOfWeekdays('learnt', EVERY_DAY);
const LATE: AssetLateness = {
  id: 1,
  symbol: null,
  state: 'late',
  missingDays: 2,
  firstMissing: 20_000,
  newestDay: 19_999,
  barsState: 'late',
  source: 'cmc_price_histories7',
  grace: DEFAULT_GRACE,
  isGraceOfSource: false,
  refusedDay: null,
  wasCeased: false,
  calendar: {
    ...{
      id: 1,
      calendar: DAILY,
      past: DAILY,
      saidBy: 'default' as const,
      weekdays: EVERY_DAY,
      learntTo: 19_999,
    },
    ...{ isNewlyLearnt: false, lost: 0 },
  },
};

const planOf = (action: AssetPlan['action'], flags: Partial<BarPlan> = {}): BarPlan => ({
  id: 1,
  action,
  reason: `why ${action}`,
  isBlocked: false,
  isShrunk: false,
  isBackfill: false,
  isProvisional: false,
  ...flags,
});

function judge(facts: StoredExplanation, differing: Partial<ExplainInput> = {}) {
  return judgeExplanation({
    id: 1,
    facts,
    splits: [],
    kept: [],
    bars: planOf('none'),
    emas: planOf('none'),
    indicators: null,
    lateness: null,
    maxStalenessHours: 48,
    isLimitTyped: false,
    isIngestable: true,
    held: new Set(),
    flags: { database: ['--schema', 'own'], source: ['--source', 's.t'] },
    ...differing,
  });
}

test('the gate of EMAs alone goes by what was read, that of both by what there is to read', () => {
  expect(judge(factsOf(30)).gate).toEqual({
    alone: { passes: true, reason: 'fresh (30.0 h)' },
    all: { passes: true, reason: 'fresh (30.0 h)' },
  });
  expect(judge(factsOf(30, 80), { bars: planOf('append') }).gate).toEqual({
    alone: { passes: false, reason: 'stale, last price 80.0 h ago' },
    all: { passes: true, reason: 'fresh (30.0 h)' },
  });
  expect(judge(factsOf(80), { lateness: LATE }).gate.all).toEqual({
    passes: true,
    reason: 'the source is late (80.0 h), the bars are level with it',
  });
  expect(judge(factsOf(80), { lateness: LATE, isLimitTyped: true }).gate.all.passes).toBe(true);
  const due: AssetLateness = { ...LATE, state: 'due', missingDays: 1 };
  expect(judge(factsOf(80), { lateness: due }).gate.alone.passes).toBe(true);
  expect(judge(factsOf(80), { lateness: due, isLimitTyped: true }).gate.alone.passes).toBe(false);
  expect(judge(factsOf(30, null), { bars: planOf('rebuild') }).gate.alone.reason).toBe(
    'no bars yet (no_state)',
  );
  const blocked = judge(factsOf(30), { bars: planOf('skip', { isBlocked: true, isShrunk: true }) });
  expect(blocked.gate.all).toEqual({ passes: false, reason: 'bars failed: why skip' });
});

test.each<[string, StoredExplanation, Partial<ExplainInput>, RegExp, string | null]>([
  ['level', factsOf(30), {}, /^nothing to do: level with its source$/, null],
  [
    'level with a late source',
    factsOf(80),
    { lateness: LATE },
    /which is late/,
    'ingest FILE --id 1 --schema own',
  ],
  [
    'the same with a source of theirs',
    factsOf(80),
    { lateness: LATE, isIngestable: false },
    /into public\.cmc_price_histories7$/,
    null,
  ],
  [
    'bars behind',
    factsOf(30, 80),
    { bars: planOf('append') },
    /bars/,
    'refresh --all --ids 1 --source s.t --schema own',
  ],
  [
    'EMAs behind',
    factsOf(30),
    { emas: planOf('append') },
    /EMAs/,
    'refresh --emas --ids 1 --source s.t --schema own',
  ],
  [
    'EMAs behind, stale',
    factsOf(80),
    { emas: planOf('repair') },
    /EMAs/,
    'refresh --all --ids 1 --source s.t --schema own',
  ],
  [
    'indicators behind',
    factsOf(30),
    { indicators: planOf('repair') },
    /indicators/,
    'refresh --indicators --ids 1 --source s.t --schema own',
  ],
  [
    'indicators behind, stale',
    factsOf(80),
    { indicators: planOf('append') },
    /indicators/,
    'refresh --all --ids 1 --source s.t --schema own',
  ],
  [
    'blocked',
    factsOf(30),
    { bars: planOf('skip', { isBlocked: true, isShrunk: true }) },
    /vanished/,
    'refresh --all --accept-deletions --ids 1 --source s.t --schema own',
  ],
  [
    'no prices',
    factsOf(30, null),
    { bars: planOf('skip') },
    /^load prices/,
    'ingest FILE --id 1 --schema own',
  ],
])('%s: one command repairs it', (_what, facts, differing, text, command) => {
  const { remedy } = judge(facts, differing);
  expect(remedy.text).toMatch(text);
  expect(remedy.command).toBe(command === null ? null : `barwright ${command}`);
});

test('a retired asset is refused by both gates, and restored by a command that reads no source', () => {
  const facts = factsOf(30);
  const retired = {
    ...facts,
    asset: { id: 1, symbol: null, name: null, assetClass: 'crypto', isActive: false, quoteCurrency: null },
  };
  const { standing, gate, remedy } = judge(retired, { bars: planOf('append') });
  expect([standing, gate.alone.passes, gate.all.passes]).toEqual(['retired', false, false]);
  expect(remedy.command).toBe('barwright asset restore 1 --schema own');
});

test('lag is counted in days, never below zero; ends of a note of TRUNCATE may be open', () => {
  expect(judge(factsOf(30, 80)).lagDays).toBe(2);
  expect(judge(factsOf(80, 30)).lagDays).toBe(0);
  expect(judge(factsOf(30, null)).lagDays).toBeNull();
  const note = { op: 'T', fromDay: -Infinity, toDay: Infinity, rows: 0, filedUs: NOW_US };
  const { notes } = judge({ ...factsOf(30), notes: { count: 1, newest: [note] } });
  expect(notes.newest[0]).toMatchObject({ from: 'the first day', to: 'the last day' });
});
