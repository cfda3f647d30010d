/** The EMAs component: 1D closes and closed bars -> EMA points, carries and watermarks. */
import type { EmaState } from '../../domain/ema-series.js';
import { type EmaFacts, type EmaFamily, type EmaPlan, planEmas } from '../../domain/plan-emas.js';
import type { Timeframe } from '../../domain/timeframe.js';
import type { Database, Tx } from '../../storage/database.js';
import { readTimeframes } from '../../storage/dimensions.js';
import {
  deleteEmaSeries,
  deleteEmas,
  readBarCloses,
  readDailyCloses,
  readEmaStates,
  upsertEmaAssetStates,
  upsertEmaStates,
  writeEmaPoints,
} from '../../storage/emas.js';
import { readEmaFacts } from '../../storage/plan-facts.js';
import { type AssetSeries, type ByAsset, putSeries, seriesKey } from '../../storage/series.js';
import {
  type BatchResult,
  type ComponentOptions,
  type Emit,
  refreshAssets,
  type SeriesEvent,
  unworked,
} from '../refresh-assets.js';
import { bookWrites, startTally, type WriteTally } from '../write-tally.js';
import {
  type AssetTask,
  type EmaSeries,
  type EmaWrites,
  listSeries,
  rowNeeded,
  stepTask,
} from './step-alignments.js';

export type EmasOptions = ComponentOptions<EmaFamily>;

/**
 * Brings the EMAs of `ids` up to what their bars have reached and emits what happened: started, then asset_started and
 * asset_finished of each asset. A failing asset is an outcome; throws when the component as a whole cannot go on
 * (see refreshAssets).
 */
export async function refreshEmas(database: Database, options: EmasOptions, emit: Emit): Promise<void> {
  await refreshAssets({
    database,
    options,
    emit,
    refresh: {
      component: 'emas',
      refreshBatch: (tx, ids, mode) => refreshBatch(tx, ids, { ...options, ...mode }),
    },
  });
}

interface BatchOptions {
  only: readonly EmaFamily[] | null;
  fullRebuild: boolean;
  verbose: boolean;
  /** Whether rebuilds are done here or deferred. */
  rebuild: boolean;
}

interface Planned {
  facts: EmaFacts;
  plan: EmaPlan;
}

async function refreshBatch(tx: Tx, ids: readonly number[], options: BatchOptions): Promise<BatchResult> {
  const { only, rebuild } = options;
  const planned = (await readEmaFacts(tx, { ids, only })).map(
    (facts): Planned => ({ facts, plan: planEmas(facts, options) }),
  );
  const isRebuild = ({ plan }: Planned) => plan.action === 'rebuild';
  const working = planned.filter((asset) => asset.plan.action === 'append' || (rebuild && isRebuild(asset)));
  const settled = planned.filter(({ plan }) => plan.action === 'none' || plan.action === 'skip');
  const work = working.length === 0 ? { outcomes: [], series: [] } : await workOn(tx, working);
  return {
    outcomes: [...settled.map(({ plan }) => settle(plan)), ...work.outcomes],
    series: options.verbose ? work.series : [],
    deferred: rebuild
      ? []
      : planned.filter(isRebuild).map(({ plan, facts }) => ({ id: plan.id, rows: facts.daily?.barSeq ?? 0 })),
  };
}

function settle({ id, action, reason }: EmaPlan) {
  return unworked(id, { status: action === 'skip' ? 'skipped' : 'ok', action, reason });
}

async function workOn(
  tx: Tx,
  planned: readonly Planned[],
): Promise<Pick<BatchResult, 'outcomes' | 'series'>> {
  const tasks = planned.flatMap(({ plan }) =>
    plan.tasks.map((task): AssetTask => ({ ...task, id: plan.id })),
  );
  // From scratch means from scratch: nothing of an earlier build may stay.
  await deleteEmas(
    tx,
    tasks.filter(({ action }) => action === 'rebuild'),
  );
  const periods = planned[0]?.facts.periods ?? [];
  const seriesByTask = await readSeries(tx, tasks, periods);
  const daily = await readDailyCloses(tx, listRowsNeeded(seriesByTask));
  const writes: EmaWrites = { points: [], states: [], assets: [] };
  for (const [task, series] of seriesByTask) {
    stepTask(task, series, { daily: daily.get(task.id) ?? null, periods, writes });
  }
  const tally = startTally(planned.map(({ plan }) => plan.id));
  await writeAll(tx, writes, tally);
  return {
    outcomes: planned.map(({ plan }) => outcomeOf(plan, tally)),
    series: countPoints(writes),
  };
}

/** Everything that the tasks' series go on from. Series that begin anew and those of removed timeframes are cleared. */
async function readSeries(
  tx: Tx,
  tasks: readonly AssetTask[],
  periods: readonly number[],
): Promise<Map<AssetTask, EmaSeries[]>> {
  const timeframes = await readTimeframes(tx);
  const ids = [...new Set(tasks.map(({ id }) => id))];
  const alignments = [...new Set(tasks.map(({ alignment }) => alignment))];
  const { states, orphans } = await readStates(tx, tasks, timeframes);
  const closes = await readBarCloses(tx, ids, alignments);
  const series = new Map(
    tasks.map((task) => [task, listSeries(task, { timeframes, periods, states, closes })]),
  );
  const begun = [...series.values()].flat().filter(({ isNew }) => isNew);
  await deleteEmaSeries(tx, [...orphans, ...begun]);
  return series;
}

/** The carries of the tasks, and the series among them whose timeframe is not in dim_timeframe any more. */
async function readStates(
  tx: Tx,
  tasks: readonly AssetTask[],
  timeframes: readonly Timeframe[],
): Promise<{ states: ByAsset<EmaState>; orphans: AssetSeries[] }> {
  const known = new Set(timeframes.map(seriesKey));
  const wanted = new Set(tasks.map(({ id, alignment }) => `${id} ${alignment}`));
  const states: ByAsset<EmaState> = new Map();
  const orphans: AssetSeries[] = [];
  const ids = [...new Set(tasks.map(({ id }) => id))];
  const alignments = [...new Set(tasks.map(({ alignment }) => alignment))];
  for (const row of await readEmaStates(tx, ids, alignments)) {
    if (!wanted.has(`${row.id} ${row.alignment}`)) continue;
    // The watermark moves on without it: were the timeframe added again, this carry would be too old to go on from.
    if (known.has(seriesKey(row))) putSeries(states, row, row.state);
    else orphans.push(row);
  }
  return { states, orphans };
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

async function writeAll(tx: Tx, { points, states, assets }: EmaWrites, tally: WriteTally): Promise<void> {
  if (points.length > 0) {
    bookWrites(tally, 'ema_points', { rows: points, written: await writeEmaPoints(tx, points) });
  }
  if (states.length > 0) {
    bookWrites(tally, 'ema_state', { rows: states, written: await upsertEmaStates(tx, states) });
  }
  if (assets.length > 0) {
    bookWrites(tally, 'ema_asset_state', { rows: assets, written: await upsertEmaAssetStates(tx, assets) });
  }
}

function outcomeOf({ id, action, reason }: EmaPlan, tally: WriteTally) {
  return {
    ...unworked(id, { status: 'ok', action, reason }),
    rowsNeeded: tally.needed.get(id) ?? 0,
    rowsWritten: tally.written.get(id) ?? 0,
  };
}

function countPoints({ points }: EmaWrites): SeriesEvent[] {
  const counts = new Map<string, SeriesEvent>();
  for (const { id, alignment, tf } of points) {
    const key = `${id} ${alignment} ${tf}`;
    const event = counts.get(key) ?? { type: 'series' as const, id, alignment, tf, rows: 0 };
    counts.set(key, { ...event, rows: event.rows + 1 });
  }
  return [...counts.values()];
}
