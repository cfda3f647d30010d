/** The EMAs component: 1D closes and closed bars -> EMA points, carries and watermarks. */
import { type EmaFamily, planEmas } from '../../domain/planning/plan-emas.js';
import { deleteEmaBases, writeEmaBases } from '../../storage/emas/bases.js';
import { type EmaCarryRow, upsertEmaCarries } from '../../storage/emas/ema-states.js';
import { deleteEmaPoints, deleteEmas, readDailyCloses, writeEmaPoints } from '../../storage/emas/emas.js';
import { readEmaFacts } from '../../storage/planning/ema-facts.js';
import { type AssetSeries, alignmentKey } from '../../storage/series/series.js';
import type { Database, Tx } from '../../storage/session/database.js';
import {
  type BatchResult,
  type ComponentOptions,
  type Emit,
  refreshAssets,
  type SeriesEvent,
} from '../writing/refresh-assets.js';
import { type PlannedOptions, type PlannedResult, refreshPlanned } from '../writing/refresh-planned.js';
import { bookWrites, startTally, type WriteTally, writeStream } from '../writing/write-tally.js';
import { findBases, type Input, type PlannedEmas, readSeries } from './read-input.js';
import { repairTasks } from './repair-emas.js';
import {
  type AssetTask,
  type CarryInWork,
  type EmaSeries,
  emptyCarry,
  rowNeeded,
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

type BatchOptions = PlannedOptions<EmaFamily>;

async function refreshBatch(tx: Tx, ids: readonly number[], options: BatchOptions): Promise<BatchResult> {
  const { only, tfs, rebuild } = options;
  const planned = (await readEmaFacts(tx, { ids, only, tfs })).map(
    (facts): PlannedEmas => ({ facts, plan: planEmas(facts, options) }),
  );
  const bases = tfs === null ? await findBases(tx, planned) : new Map<string, EmaCarryRow>();
  const isHeavy = ({ plan: { id, tasks } }: PlannedEmas) =>
    tasks.some(
      ({ action, alignment }) =>
        action === 'rebuild' || (action === 'repair' && !bases.has(alignmentKey(id, alignment))),
    );
  return refreshPlanned({
    ...{ planned, rebuild, isHeavy },
    workOn: (assets) => workOn(tx, assets, { ...options, bases }),
  });
}

async function workOn(
  tx: Tx,
  planned: readonly PlannedEmas[],
  { tfs, verbose, bases }: BatchOptions & { bases: ReadonlyMap<string, EmaCarryRow> },
): Promise<PlannedResult> {
  const tasks = planned.flatMap(({ plan: { id, tasks: ofAsset } }) =>
    ofAsset.map((task): AssetTask => {
      const base = task.repairFrom === null ? null : (bases.get(alignmentKey(id, task.alignment)) ?? null);
      return { ...task, id, base };
    }),
  );
  const ids = planned.map(({ plan }) => plan.id);
  const tally = startTally(ids);
  const { input, series } = await readSeries(tx, tasks, { tfs, periods: planned[0]?.facts.periods ?? [] });
  await renewBases(tx, tasks, tally);
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
  return { tally, series: events };
}

/** What an append continues from is the base of the days after it. */
async function renewBases(tx: Tx, tasks: readonly AssetTask[], tally: WriteTally): Promise<void> {
  const rows = await writeEmaBases(
    tx,
    tasks.filter(({ action, before, isRemoved }) => action === 'append' && before !== null && !isRemoved),
  );
  bookWrites(tally, 'ema_base', { rows, written: rows.length });
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
    input: Input;
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
  // Their bases know nothing of these series, or another one of the same name; what is compared as a whole has no base either.
  await deleteEmaBases(tx, [
    ...begun,
    ...input.orphans,
    ...tasks.filter(({ action, base, isRemoved }) => isRemoved || (action === 'repair' && base === null)),
  ]);
  bookWrites(tally, 'ema_points', { rows: removed, written: removed.length });
  const carries = new Map<AssetTask, CarryInWork>();
  for (const task of tasks) if (task.action !== 'repair') carries.set(task, carryOf(task, { input, begun }));
  return carries;
}

function carryOf(
  task: AssetTask,
  { input, begun }: { input: Input; begun: readonly EmaSeries[] },
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
