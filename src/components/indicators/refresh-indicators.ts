/** The indicators component: 1D bars and closed bars -> values at closes, previews and what continuing takes. */
import type { IndicatorSet } from '../../domain/indicators/set.js';
import {
  type IndicatorFamily,
  type IndicatorPlan,
  planIndicators,
} from '../../domain/planning/plan-indicators.js';
import { readDifferences, writeDifferences } from '../../storage/copy/differences.js';
import { pointsOfAlignments } from '../../storage/emas/emas.js';
import { readClosedBars, readOpenSeries } from '../../storage/indicators/bars.js';
import {
  readIndicatorCarries,
  readStoredSeries,
  upsertIndicatorCarries,
} from '../../storage/indicators/indicator-states.js';
import {
  deleteIndicatorPoints,
  deleteIndicatorRows,
  INDICATOR_POINT_SHAPE,
  type IndicatorPointRow,
  writeIndicatorPoints,
} from '../../storage/indicators/points.js';
import { type ActiveIndicators, readActiveSet } from '../../storage/indicators/read-set.js';
import { readIndicatorFacts } from '../../storage/planning/indicator-facts.js';
import { type AssetSeries, alignmentKey } from '../../storage/series/series.js';
import type { Database, Tx } from '../../storage/session/database.js';
import {
  type AssetTask,
  type CarryInWork,
  emptyCarry,
  newestDay,
  stepTask,
} from '../expected/step-indicators.js';
import {
  type BatchResult,
  type ComponentOptions,
  type Emit,
  refreshAssets,
  type SeriesEvent,
} from '../writing/refresh-assets.js';
import {
  type Planned,
  type PlannedOptions,
  type PlannedResult,
  refreshPlanned,
} from '../writing/refresh-planned.js';
import { bookWrites, startTally, type WriteTally, writeStream } from '../writing/write-tally.js';
import { listOrphans, listSeries, type TaskSeries } from './list-series.js';
import { sentencesOfStops } from './stops.js';

export type IndicatorsOptions = ComponentOptions<IndicatorFamily>;

/**
 * Brings the indicators of `ids` up to what their bars have reached and emits what happened: started, then asset_started
 * and asset_finished of each asset. A failing asset is an outcome; throws when the component as a whole cannot continue
 * (see refreshAssets), and where dim_indicator has a name that is none.
 */
export async function refreshIndicators(
  database: Database,
  options: IndicatorsOptions,
  emit: Emit,
): Promise<void> {
  const active = await database.read(readActiveSet);
  await refreshAssets({
    database,
    options,
    emit,
    refresh: {
      component: 'indicators',
      tables: ['indicator_points', 'indicator_carry'],
      refreshBatch: (tx, ids, mode) =>
        refreshBatch(tx, ids, { ...options, tfs: options.tfs ?? null, ...active, ...mode }),
    },
  });
}

type BatchOptions = PlannedOptions<IndicatorFamily> & ActiveIndicators;

type PlannedIndicators = Planned<IndicatorPlan>;

async function refreshBatch(tx: Tx, ids: readonly number[], options: BatchOptions): Promise<BatchResult> {
  const { only, tfs, set, missing, rebuild } = options;
  const { identities } = set;
  const planned = (await readIndicatorFacts(tx, { ids, only, tfs, identities, missing })).map(
    (facts): PlannedIndicators => ({ facts, plan: planIndicators(facts, options) }),
  );
  const isHeavy = ({ plan }: PlannedIndicators) => plan.action === 'rebuild' || plan.action === 'repair';
  return refreshPlanned({
    ...{ planned, rebuild, isHeavy },
    workOn: (assets) => workOn(tx, assets, options),
  });
}

async function workOn(
  tx: Tx,
  planned: readonly PlannedIndicators[],
  { tfs, set, verbose }: BatchOptions,
): Promise<PlannedResult> {
  const tasks = planned.flatMap(({ plan }) =>
    plan.tasks.map((task): AssetTask => ({ ...task, id: plan.id })),
  );
  const tally = startTally(planned.map(({ plan }) => plan.id));
  await removeTasks(
    tx,
    tasks.filter(({ isRemoved }) => isRemoved),
    tally,
  );
  const work = await readWork(tx, { tasks: tasks.filter(({ isRemoved }) => !isRemoved), set, tfs });
  await clearPoints(tx, work, tally);
  const closed = await readClosedBars(
    tx,
    work.flatMap(({ series }) => series.flatMap(({ wanted }) => wanted ?? [])),
  );
  const events: SeriesEvent[] = [];
  const onSeries = ({ id, alignment, tf }: AssetSeries, rows: number) =>
    events.push({ type: 'series', id, alignment, tf, rows });
  const input = { set, closed, ...(verbose && { onSeries }) };
  // Points are made while the database takes those before them, and never held all at once.
  const points = function* () {
    for (const { task, carry, series } of work)
      if (task.action !== 'repair') yield* stepTask(carry, series, input);
  };
  await writeStream(tally, 'indicator_points', {
    rows: points(),
    write: (rows) => writeIndicatorPoints(tx, rows),
  });
  for (const { task, carry, series } of work)
    if (task.action === 'repair')
      await repairPoints(tx, task, { points: stepTask(carry, series, input), tally });
  // Nothing of nothing: none of the timeframes asked for has bars, and no row has to go.
  const isIdle = ({ carry, isStored }: Work) => !isStored && carry.row.series.size === 0;
  const changed = work.filter((each) => each.carry.isChanged && !isIdle(each)).map(({ carry }) => carry.row);
  const written = await upsertIndicatorCarries(tx, changed);
  bookWrites(tally, 'indicator_carry', { rows: changed, written: written.length });
  const warnings = sentencesOfStops(work.flatMap(({ carry }) => carry.stops));
  return { tally, series: events, warnings };
}

/** Nothing of these alignments is to be left. */
async function removeTasks(tx: Tx, tasks: readonly AssetTask[], tally: WriteTally): Promise<void> {
  const rows = await deleteIndicatorRows(tx, tasks);
  bookWrites(tally, 'indicator_points', { rows, written: rows.length });
}

/** A task, what it continues from, and its series. */
interface Work {
  task: AssetTask;
  carry: CarryInWork;
  series: readonly TaskSeries[];
  /** There is a row, whatever it holds. */
  isStored: boolean;
  /** Series whose bars are gone. */
  orphans: readonly AssetSeries[];
}

async function readWork(
  tx: Tx,
  { tasks, set, tfs }: { tasks: readonly AssetTask[]; set: IndicatorSet; tfs: readonly string[] | null },
): Promise<Work[]> {
  if (tasks.length === 0) return [];
  const of = (list: readonly AssetTask[]) => ({
    ids: [...new Set(list.map(({ id }) => id))],
    alignments: [...new Set(list.map(({ alignment }) => alignment))],
  });
  const { ids, alignments } = of(tasks);
  const appended = tasks.filter(({ action }) => action === 'append');
  const stored = appended.length === 0 ? new Map() : await readIndicatorCarries(tx, of(appended), set);
  const begun = tasks.filter(({ action }) => action !== 'append');
  const before = begun.length === 0 ? new Map<string, string[]>() : await readStoredSeries(tx, of(begun));
  const bars = await readOpenSeries(tx, ids, alignments);
  return tasks.map((task) => {
    const key = alignmentKey(task.id, task.alignment);
    const row = task.action === 'append' ? stored.get(key) : undefined;
    const carry = row === undefined ? emptyCarry(task, set) : { row, isChanged: false, stops: [] };
    const scope = { bars: bars.get(task.id) ?? new Map(), tfs, known: new Set(before.get(key)) };
    const orphans = listOrphans(task, carry, scope);
    for (const { tf } of orphans) carry.isChanged = carry.row.series.delete(tf) || carry.isChanged;
    // A row whose repair begins again is written whatever it holds.
    if (task.action !== 'append') carry.isChanged = true;
    if (carry.isChanged) carry.row.watermarkDay = newestDay(carry.row);
    const isStored = stored.has(key) || before.has(key);
    return { task, carry, isStored, orphans, series: listSeries(task, carry, scope) };
  });
}

/** From scratch means from scratch: nothing of an earlier build may stay, nor of a series that begins or ended. */
async function clearPoints(tx: Tx, work: readonly Work[], tally: WriteTally): Promise<void> {
  await deleteIndicatorRows(
    tx,
    work.filter(({ task }) => task.action === 'rebuild').map(({ task }) => task),
  );
  const appended = work.filter(({ task }) => task.action === 'append');
  await deleteIndicatorPoints(
    tx,
    appended.flatMap(({ series }) => series.filter(({ before }) => before === null)),
  );
  const removed = await deleteIndicatorPoints(
    tx,
    appended.flatMap(({ orphans }) => orphans),
  );
  bookWrites(tally, 'indicator_points', { rows: removed, written: removed.length });
}

/** Recomputed from the first bar, compared with what is stored, and only the differences written (decision 021). */
async function repairPoints(
  tx: Tx,
  { id, alignment }: AssetTask,
  { points, tally }: { points: Iterable<IndicatorPointRow>; tally: WriteTally },
): Promise<void> {
  const from = pointsOfAlignments([{ id, alignment }], 'indicator_points');
  const differences = await readDifferences(tx, INDICATOR_POINT_SHAPE, { from, expected: points });
  bookWrites(tally, 'indicator_points', {
    rows: differences.map(() => ({ id })),
    written: await writeDifferences(tx, INDICATOR_POINT_SHAPE, differences),
  });
}
