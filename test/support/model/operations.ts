/** What can happen to a warehouse, as values: fast-check makes sequences of them and shrinks them. */
import fc from 'fast-check';
import { TIMEFRAMES } from '../../../src/domain/calendar/timeframe.js';
import { INDICATOR_KINDS } from '../../../src/domain/indicators/index.js';
import { usualNameOf } from '../../../src/domain/indicators/name.js';
import { BAR_BUILDERS, type BarBuilder } from '../../../src/domain/planning/plan.js';
import { EMA_FAMILIES, type EmaFamily } from '../../../src/domain/planning/plan-emas.js';
import { type HistoryShape, historyShapes } from '../histories.js';

/** The assets of every world. */
export const IDS = [1, 52, 825] as const;

/** Changes of source rows, and of splits. `row` picks one of the asset's rows. */
export const CHANGES = [
  'close',
  'newest_close',
  'high',
  'volume',
  'close_time',
  'not_a_number',
  'negative',
  'touch',
  'delete',
  'delete_newest',
  'duplicate_day',
  'older_day',
  'fill_gap',
  'new_day',
  'first_day',
  'split',
  'announce_split',
  'remove_split',
] as const;
export type ChangeKind = (typeof CHANGES)[number];

/** Those that change nothing yet of what a run makes. */
export const IDLE_CHANGES: readonly ChangeKind[] = ['touch', 'announce_split'];

/** The name of one of the indicators, with its usual numbers. */
export function indicatorNamed(index: number): string {
  const kind = INDICATOR_KINDS[index % INDICATOR_KINDS.length];
  if (kind === undefined) throw new Error('there are no indicators');
  return usualNameOf(kind);
}

/** One write to the source, or about it. */
export interface Change {
  kind: ChangeKind;
  id: number;
  row: number;
}

/** A run, in parts or whole. */
export interface RefreshOperation {
  type: 'refresh';
  stages: 'bars' | 'emas' | 'both';
  /** null: all active assets. */
  ids: number[] | null;
  builders: BarBuilder[] | null;
  families: EmaFamily[] | null;
  /** Shares of the timeframes that are there; null: no --tfs. */
  tfs: number[] | null;
  batchAssets: number;
  fullRebuild: boolean;
  acceptDeletions: boolean;
  /** A write that commits between the run's read and its commit. */
  late: LateWrite | null;
  /** Processes only: who is killed (a number that picks one of them), and after which part of a usual run. */
  kill: { victim: number; moment: number } | null;
  /** In this process only: after this statement the server ends the connection; `isRetried`: the run may try again. */
  cut: { statement: number; isRetried: boolean } | null;
}

/** A whole run that nothing disturbs. */
export const WHOLE: RefreshOperation = {
  ...{ type: 'refresh', stages: 'both', ids: null, builders: null, families: null, tfs: null },
  ...{ batchAssets: 2, fullRebuild: false, acceptDeletions: false, late: null, kill: null, cut: null },
};

/** `isOpenBefore`: it has written before the run began, and commits after the run has read. */
export interface LateWrite extends Change {
  isOpenBefore: boolean;
  /** After which statement of the run it commits. */
  statement: number;
}

export type Operation =
  | { type: 'append'; id: number; shape: HistoryShape }
  | { type: 'change'; change: Change }
  /** All rows of an asset go, or many of them. */
  | { type: 'shrink'; id: number; share: number }
  /** The oldest days of an asset go, as by a retention; and what went so comes back, all of it or every n-th row. */
  | { type: 'lose_oldest'; id: number; days: number }
  | { type: 'bring_back'; id: number; every: number }
  | { type: 'ingest_again'; id: number }
  | { type: 'retire'; id: number }
  | { type: 'restore'; id: number }
  | { type: 'add_timeframe'; index: number }
  | { type: 'remove_timeframe'; index: number }
  | { type: 'add_period'; period: number }
  | { type: 'remove_period'; index: number }
  | { type: 'add_indicator'; index: number }
  | { type: 'remove_indicator'; index: number }
  | RefreshOperation;

export interface World {
  seed: number;
  /** Initial histories by asset; no rows: the asset comes later. */
  shapes: HistoryShape[];
  /** Which timeframes exist at first (indexes into TIMEFRAMES), and which periods. */
  timeframes: number[];
  periods: number[];
  /** Which indicators are active at first; see indicatorNamed. */
  indicators: number[];
  operations: Operation[];
}

const ids = fc.constantFrom(...IDS);
const row = fc.nat({ max: 10_000 });

const change: fc.Arbitrary<Change> = fc.record({ kind: fc.constantFrom(...CHANGES), id: ids, row });

const late: fc.Arbitrary<LateWrite> = fc.record({
  kind: fc.constantFrom(...CHANGES),
  id: ids,
  row,
  isOpenBefore: fc.boolean(),
  statement: fc.integer({ min: 1, max: 30 }),
});

const subset = <T>(names: readonly T[], freq: number) =>
  fc.option(fc.subarray([...names], { minLength: 1 }), { nil: null, freq });

const refresh: fc.Arbitrary<RefreshOperation> = fc.record({
  type: fc.constant('refresh' as const),
  stages: fc.constantFrom('both', 'both', 'both', 'bars', 'emas'),
  ids: fc.option(fc.subarray([...IDS], { minLength: 1 }), { nil: null, freq: 2 }),
  builders: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: subset(BAR_BUILDERS, 9) },
  ),
  families: fc.oneof(
    { weight: 4, arbitrary: fc.constant(null) },
    { weight: 1, arbitrary: subset(EMA_FAMILIES, 9) },
  ),
  tfs: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    { weight: 2, arbitrary: fc.array(fc.nat({ max: 1000 }), { minLength: 1, maxLength: 6 }) },
  ),
  batchAssets: fc.integer({ min: 1, max: 3 }),
  fullRebuild: fc.oneof(
    { weight: 14, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
  acceptDeletions: fc.boolean(),
  late: fc.option(late, { nil: null, freq: 2 }),
  kill: fc.option(
    fc.record({ victim: fc.nat({ max: 5 }), moment: fc.double({ min: 0, max: 1.2, noNaN: true }) }),
    { nil: null, freq: 2 },
  ),
  cut: fc.oneof(
    { weight: 3, arbitrary: fc.constant(null) },
    {
      weight: 1,
      arbitrary: fc.record({ statement: fc.integer({ min: 1, max: 30 }), isRetried: fc.boolean() }),
    },
  ),
});

const shapes = (rows: fc.Arbitrary<number>): fc.Arbitrary<HistoryShape> =>
  historyShapes(rows).map((shape) => ({ ...shape, longestGap: Math.min(shape.longestGap, 40) }));

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 11, arbitrary: refresh },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('append' as const),
      id: ids,
      shape: shapes(fc.integer({ min: 1, max: 12 })),
    }),
  },
  { weight: 6, arbitrary: change.map((each): Operation => ({ type: 'change', change: each })) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('shrink' as const),
      id: ids,
      share: fc.constantFrom(0.1, 0.7, 1),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('lose_oldest' as const),
      id: ids,
      days: fc.oneof(fc.constant(1), fc.integer({ min: 2, max: 90 })),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('bring_back' as const),
      id: ids,
      every: fc.constantFrom(1, 1, 3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('ingest_again' as const), id: ids }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('retire', 'restore', 'restore'), id: ids }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('add_timeframe', 'remove_timeframe'),
      index: fc.nat({ max: TIMEFRAMES.length - 1 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('add_period' as const),
      period: fc.integer({ min: 1, max: 15 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('remove_period' as const), index: fc.nat({ max: 100 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom('add_indicator', 'remove_indicator'),
      index: fc.nat({ max: 100 }),
    }),
  },
) as fc.Arbitrary<Operation>;

/** Short ones close often; of the others a few at a time, so that many worlds see all of them. */
const isShort = (index: number) => (TIMEFRAMES[index]?.nominalDays ?? 0) <= 30;
const indexes = TIMEFRAMES.map((_, index) => index);
const catalogue = fc
  .tuple(
    fc.subarray(indexes.filter(isShort), { minLength: 4, maxLength: 9 }),
    fc.subarray(
      indexes.filter((index) => !isShort(index)),
      { maxLength: 6 },
    ),
  )
  .map(([short, long]) => [...short, ...long]);

/** Worlds with at least `operations` operations; one of `every` is made of two `motifs`. */
export function worlds(
  operations: number,
  { motifs, every }: { motifs: fc.Arbitrary<Operation[]>; every: number },
): fc.Arbitrary<World> {
  return fc.record({
    seed: fc.nat(),
    shapes: fc.array(shapes(fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 90 }))), {
      minLength: IDS.length,
      maxLength: IDS.length,
    }),
    timeframes: catalogue,
    periods: fc.uniqueArray(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
    indicators: fc.uniqueArray(fc.nat({ max: INDICATOR_KINDS.length - 1 }), { maxLength: 4 }),
    operations: fc.oneof(
      {
        weight: every - 1,
        arbitrary: fc.array(operation, { minLength: operations, maxLength: operations + 6 }),
      },
      { weight: 1, arbitrary: fc.tuple(motifs, motifs).map((both) => both.flat()) },
    ),
  });
}
