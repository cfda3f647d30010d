/** The EMAs component: 1D closes and closed bars -> EMA points, carries and watermarks. */
import type { BarCloses } from '../../domain/emas/series.js';
import { type EmaFacts, type EmaFamily, type EmaPlan, planEmas } from '../../domain/planning/plan-emas.js';
import { readTimeframes } from '../../storage/assets/dimensions.js';
import { type BarReach, readBarReach } from '../../storage/bars/bars.js';
import { type EmaCarryRow, readEmaCarries, upsertEmaCarries } from '../../storage/emas/carry.js';
import {
  deleteEmaPoints,
  deleteEmas,
  readAllBarCloses,
  readBarCloses,
  readDailyCloses,
  writeEmaPoints,
} from '../../storage/emas/emas.js';
import { readEmaFacts } from '../../storage/planning/ema-facts.js';
import {
  type AssetSeries,
  alignmentKey,
  type ByAsset,
  putSeries,
  seriesKey,
} from '../../storage/series/series.js';
import type { Database, Tx } from '../../storage/session/database.js';
import {
  type BatchResult,
  type ComponentOptions,
  type Emit,
  refreshAssets,
  type SeriesEvent,
  unworked,
} from '../writing/refresh-assets.js';
import { bookWrites, startTally, type WriteTally, writeStream } from '../writing/write-tally.js';
import { repairTasks } from './repair-emas.js';
import {
  type AssetTask,
  type CarryInWork,
  type EmaSeries,
  emptyCarry,
  listSeries,
  rowNeeded,
  type SeriesInput,
  stepTask,
} from './step-alignments.js';

export type EmasOptions = ComponentOptions<EmaFamily>;

/**
 * Brings the EMAs of `ids` up to what their bars have reached and emits what happened: started, then asset_started and
 * asset_finished of each asset. A failing asset is an outcome; throws when the component as a whole cannot continue
 * (see refreshAssets).
 */
export async function refreshEmas(database: Database, options: EmasOptions, emit: Emit): Promise<void> {
  await refreshAssets({
    database,
    options,
    emit,
    refresh: {
      component: 'emas',
      tables: ['ema_points', 'ema_carry'],
      refreshBatch: (tx, ids, mode) =>
        refreshBatch(tx, ids, { ...options, tfs: options.tfs ?? null, ...mode }),
    },
  });
}

interface BatchOptions {
  only: readonly EmaFamily[] | null;
  tfs: readonly string[] | null;
  fullRebuild: boolean;
  verbose: boolean;
  /** Whether rebuilds are done here or deferred. */
  rebuild: boolean;
}

const NO_WORK: Pick<BatchResult, 'outcomes' | 'series'> = { outcomes: [], series: [] };

interface Planned {
  facts: EmaFacts;
  plan: EmaPlan;
}

async function refreshBatch(tx: Tx, ids: readonly number[], options: BatchOptions): Promise<BatchResult> {
  const { only, tfs, rebuild } = options;
  const planned = (await readEmaFacts(tx, { ids, only, tfs })).map(
    (facts): Planned => ({ facts, plan: planEmas(facts, options) }),
  );
  const isHeavy = ({ plan }: Planned) => plan.action === 'rebuild' || plan.action === 'repair';
  const working = planned.filter((asset) => asset.plan.action === 'append' || (rebuild && isHeavy(asset)));
  const settled = planned.filter(({ plan }) => plan.action === 'none' || plan.action === 'skip');
  const work = working.length === 0 ? NO_WORK : await workOn(tx, working, options);
  return {
    outcomes: [...settled.map(({ plan }) => settle(plan)), ...work.outcomes],
    series: work.series,
    deferred: rebuild
      ? []
      : planned.filter(isHeavy).map(({ plan, facts }) => ({ id: plan.id, rows: facts.daily?.barSeq ?? 0 })),
  };
}

function settle({ id, action, reason }: EmaPlan) {
  return unworked(id, { status: action === 'skip' ? 'skipped' : 'ok', action, reason });
}

async function workOn(
  tx: Tx,
  planned: readonly Planned[],
  { tfs, verbose }: BatchOptions,
): Promise<Pick<BatchResult, 'outcomes' | 'series'>> {
  const tasks = planned.flatMap(({ plan }) =>
    plan.tasks.map((task): AssetTask => ({ ...task, id: plan.id })),
  );
  const ids = planned.map(({ plan }) => plan.id);
  const tally = startTally(ids);
  const input = await readInput(tx, tasks, { tfs, periods: planned[0]?.facts.periods ?? [] });
  const series = new Map(tasks.map((task) => [task, listSeries(task, input)]));
  const carries = await clearSeries(tx, { tasks, series, input, tally });
  const daily = await readDailyCloses(tx, listRowsNeeded(series));
  const events: SeriesEvent[] = [];
  const onSeries = ({ id, alignment, tf }: AssetSeries, rows: number) =>
    events.push({ type: 'series', id, alignment, tf, rows });
  // Points are made while the database takes those before them, and never held all at once.
  const points = function* () {
    for (const [task, ofTask] of series) {
      if (task.action === 'repair' || task.isRemoved) continue;
      const { periods } = input;
      yield* stepTask(task, ofTask, {
        ...{ daily: daily.get(task.id) ?? null, periods },
        carry: carries.get(task) ?? emptyCarry(task),
        ...(verbose && { onSeries }),
      });
    }
  };
  await writeStream(tally, 'ema_points', { rows: points(), write: (rows) => writeEmaPoints(tx, rows) });
  const changed = [...carries.values()].filter(({ isChanged }) => isChanged).map(({ row }) => row);
  const moved = await upsertEmaCarries(tx, changed);
  bookWrites(tally, 'ema_carry', { rows: changed, written: moved.length });
  const repairs = [...series]
    .filter(([task]) => task.action === 'repair')
    .map(([task, ofTask]) => ({ task, series: ofTask, daily: daily.get(task.id) ?? null }));
  await repairTasks(tx, repairs, { periods: input.periods, tally });
  return {
    outcomes: planned.map(({ plan }) => outcomeOf(plan, tally)),
    series: events,
  };
}

/** Everything that the tasks' series continue from, and the series among them whose timeframe was taken out. */
async function readInput(
  tx: Tx,
  tasks: readonly AssetTask[],
  { tfs, periods }: Pick<SeriesInput, 'tfs' | 'periods'>,
): Promise<SeriesInput & { orphans: AssetSeries[] }> {
  const timeframes = await readTimeframes(tx);
  const known = new Set(timeframes.map(seriesKey));
  const ids = [...new Set(tasks.map(({ id }) => id))];
  const alignments = [...new Set(tasks.map(({ alignment }) => alignment))];
  const carries = await readEmaCarries(tx, ids, alignments);
  const orphans: AssetSeries[] = [];
  for (const { id, alignment } of tasks) {
    const row = carries.get(alignmentKey(id, alignment));
    for (const tf of [...(row?.series.keys() ?? []), ...(row?.lags.keys() ?? [])])
      if (!known.has(seriesKey({ alignment, tf }))) orphans.push({ id, alignment, tf });
  }
  const bars = await readBarReach(tx, ids, alignments);
  const closes = await readCloses(tx, tasks, { carries, bars, known });
  return { timeframes, tfs, periods, carries, orphans, closes, bars };
}

interface Reached {
  carries: ReadonlyMap<string, EmaCarryRow>;
  bars: ByAsset<BarReach>;
  /** Keys of the series that dim_timeframe has. */
  known: ReadonlySet<string>;
}

/** Bars to take in: for a repair or a rebuild all of them, else those that the series have not seen. */
async function readCloses(
  tx: Tx,
  tasks: readonly AssetTask[],
  reached: Reached,
): Promise<ByAsset<BarCloses>> {
  const fromStart = tasks.filter(({ action }) => action !== 'append');
  const appended = tasks.filter(({ action }) => action === 'append');
  const closes = await readBarCloses(
    tx,
    appended.flatMap((task) => listUnseen(task, reached)),
  );
  if (fromStart.length === 0) return closes;
  const ids = [...new Set(fromStart.map(({ id }) => id))];
  const alignments = [...new Set(fromStart.map(({ alignment }) => alignment))];
  const wanted = new Set(fromStart.map(({ id, alignment }) => alignmentKey(id, alignment)));
  for (const [id, series] of await readAllBarCloses(tx, ids, alignments)) {
    for (const [key, value] of series) {
      const [alignment, tf] = key.split(' ') as [AssetTask['alignment'], string];
      if (wanted.has(alignmentKey(id, alignment))) putSeries(closes, { id, alignment, tf }, value);
    }
  }
  return closes;
}

/** Series of a task whose newest closed bar lies beyond what their EMAs have taken in. */
function listUnseen({ id, alignment }: AssetTask, { carries, bars, known }: Reached) {
  const states = carries.get(alignmentKey(id, alignment))?.series;
  return [...(bars.get(id) ?? [])].flatMap(([key, { closedSeq }]) => {
    const [ofAlignment, tf = ''] = key.split(' ');
    const afterSeq = states?.get(tf)?.barSeq ?? 0;
    const isUnseen = ofAlignment === alignment && known.has(key) && closedSeq > afterSeq;
    return isUnseen ? [{ id, alignment, tf, afterSeq }] : [];
  });
}

/**
 * From scratch means from scratch: nothing of an earlier build may stay, nor of a series that begins or ended. Returns
 * the rows that the tasks continue from.
 */
async function clearSeries(
  tx: Tx,
  scope: {
    tasks: readonly AssetTask[];
    series: ReadonlyMap<AssetTask, readonly EmaSeries[]>;
    input: SeriesInput & { orphans: readonly AssetSeries[] };
    tally: WriteTally;
  },
): Promise<Map<AssetTask, CarryInWork>> {
  const { tasks, series, input, tally } = scope;
  await deleteEmas(
    tx,
    tasks.filter(({ action }) => action === 'rebuild'),
  );
  const begun = [...series.values()].flat().filter(({ isNew }) => isNew);
  await deleteEmaPoints(tx, begun);
  const removed = await deleteEmaPoints(tx, input.orphans);
  bookWrites(tally, 'ema_points', { rows: removed, written: removed.length });
  const carries = new Map<AssetTask, CarryInWork>();
  for (const task of tasks) if (task.action !== 'repair') carries.set(task, carryOf(task, { input, begun }));
  return carries;
}

function carryOf(
  task: AssetTask,
  { input, begun }: { input: SeriesInput & { orphans: readonly AssetSeries[] }; begun: readonly EmaSeries[] },
): CarryInWork {
  const { id, alignment } = task;
  const stored = input.carries.get(alignmentKey(id, alignment));
  if (task.action === 'rebuild' || stored === undefined) return emptyCarry(task);
  const carry: CarryInWork = { row: stored, isChanged: false };
  const isOurs = (series: AssetSeries) => series.id === id && series.alignment === alignment;
  for (const { tf } of [...input.orphans, ...begun].filter(isOurs)) {
    stored.series.delete(tf);
    stored.lags.delete(tf);
    carry.isChanged = true;
  }
  if (task.isRemoved) {
    Object.assign(stored, { asset: null, repairFrom: null });
    carry.isChanged = true;
  }
  return carry;
}

function listRowsNeeded(
  seriesByTask: ReadonlyMap<AssetTask, readonly EmaSeries[]>,
): { id: number; afterRow: number }[] {
  const rows = new Map<number, number>();
  for (const [task, series] of seriesByTask) {
    rows.set(task.id, Math.min(rows.get(task.id) ?? Number.POSITIVE_INFINITY, rowNeeded(task, series)));
  }
  return [...rows].map(([id, afterRow]) => ({ id, afterRow }));
}

function outcomeOf({ id, action, reason }: EmaPlan, tally: WriteTally) {
  return {
    ...unworked(id, { status: 'ok', action, reason }),
    rowsNeeded: tally.needed.get(id) ?? 0,
    rowsWritten: tally.written.get(id) ?? 0,
  };
}
