/** The EMAs component: 1D closes and closed bars -> EMA points, carries and watermarks. */
import type { BarCloses, EmaState } from '../../domain/ema-series.js';
import { type EmaFacts, type EmaFamily, type EmaPlan, planEmas } from '../../domain/plan-emas.js';
import { readBarDays } from '../../storage/bars.js';
import type { Database, Tx } from '../../storage/database.js';
import { readTimeframes } from '../../storage/dimensions.js';
import { readEmaFacts } from '../../storage/ema-facts.js';
import { deleteEmaLags, readEmaLags, upsertEmaLags } from '../../storage/ema-lag.js';
import {
  deleteEmaSeries,
  deleteEmas,
  deleteEmaWatermarks,
  readBarCloses,
  readDailyCloses,
  readEmaStates,
  upsertEmaAssetStates,
  upsertEmaStates,
  writeEmaPoints,
} from '../../storage/emas.js';
import { writeCarrySums, writeSumsKept } from '../../storage/kept-sums.js';
import { type AssetSeries, type ByAsset, putSeries, seriesKey } from '../../storage/series.js';
import {
  type BatchResult,
  type ComponentOptions,
  type Emit,
  refreshAssets,
  type SeriesEvent,
  unworked,
} from '../refresh-assets.js';
import { bookWrites, startTally, type WriteTally, writeStream } from '../write-tally.js';
import { repairTask } from './repair-emas.js';
import {
  type AssetTask,
  type EmaSeries,
  type EmaWrites,
  listSeries,
  noWrites,
  rowNeeded,
  type SeriesInput,
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
      tables: ['ema_points', 'ema_state'],
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
  const sums = await writeSumsKept(tx);
  const input = await readInput(tx, tasks, { tfs, periods: planned[0]?.facts.periods ?? [] });
  const series = new Map(tasks.map((task) => [task, listSeries(task, input)]));
  await clearSeries(tx, { tasks, series, orphans: input.orphans, tally });
  const daily = await readDailyCloses(tx, listRowsNeeded(series));
  const writes = noWrites();
  const events: SeriesEvent[] = [];
  const onSeries = ({ id, alignment, tf }: AssetSeries, rows: number) =>
    events.push({ type: 'series', id, alignment, tf, rows });
  // Points are made while the database takes those before them, and never held all at once.
  const points = function* () {
    for (const [task, ofTask] of series) {
      if (task.action === 'repair' || task.isRemoved) continue;
      const { periods } = input;
      yield* stepTask(task, ofTask, {
        ...{ daily: daily.get(task.id) ?? null, periods, writes },
        ...(verbose && { onSeries }),
      });
    }
  };
  await writeStream(tally, 'ema_points', { rows: points(), write: (rows) => writeEmaPoints(tx, rows) });
  await writeAll(tx, writes, tally);
  for (const [task, ofTask] of series) {
    if (task.action !== 'repair') continue;
    await repairTask(tx, task, {
      series: ofTask,
      daily: daily.get(task.id) ?? null,
      periods: input.periods,
      tally,
    });
  }
  if (sums !== null) await writeCarrySums(sums, ids);
  return {
    outcomes: planned.map(({ plan }) => outcomeOf(plan, tally)),
    series: events,
  };
}

/** Everything that the tasks' series go on from, and the series among them whose timeframe was taken out. */
async function readInput(
  tx: Tx,
  tasks: readonly AssetTask[],
  { tfs, periods }: Pick<SeriesInput, 'tfs' | 'periods'>,
): Promise<SeriesInput & { orphans: AssetSeries[] }> {
  const timeframes = await readTimeframes(tx);
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
  const isUneven = tasks.some((task) => task.isUneven);
  return {
    timeframes,
    tfs,
    periods,
    states,
    orphans,
    closes: await readCloses(tx, tasks),
    lags: isUneven ? await readEmaLags(tx, ids, alignments) : new Map(),
    barDays: isUneven ? await readBarDays(tx, ids, alignments) : null,
  };
}

/** Bars to take in: for a repair or a rebuild all of them, else those that the carries have not seen. */
async function readCloses(tx: Tx, tasks: readonly AssetTask[]): Promise<ByAsset<BarCloses>> {
  const closes: ByAsset<BarCloses> = new Map();
  for (const isFromStart of [false, true]) {
    const some = tasks.filter(({ action }) => (action !== 'append') === isFromStart);
    if (some.length === 0) continue;
    const ids = [...new Set(some.map(({ id }) => id))];
    const alignments = [...new Set(some.map(({ alignment }) => alignment))];
    const wanted = new Set(some.map(({ id, alignment }) => `${id} ${alignment}`));
    for (const [id, series] of await readBarCloses(tx, ids, { alignments, isFromStart })) {
      for (const [key, value] of series) {
        const [alignment, tf] = key.split(' ') as [AssetTask['alignment'], string];
        if (wanted.has(`${id} ${alignment}`)) putSeries(closes, { id, alignment, tf }, value);
      }
    }
  }
  return closes;
}

/** From scratch means from scratch: nothing of an earlier build may stay, nor of a series that begins or ended. */
async function clearSeries(
  tx: Tx,
  scope: {
    tasks: readonly AssetTask[];
    series: ReadonlyMap<AssetTask, readonly EmaSeries[]>;
    orphans: readonly AssetSeries[];
    tally: WriteTally;
  },
): Promise<void> {
  const { tasks, series, orphans, tally } = scope;
  await deleteEmas(
    tx,
    tasks.filter(({ action }) => action === 'rebuild'),
  );
  const begun = [...series.values()].flat().filter(({ isNew }) => isNew);
  await deleteEmaSeries(tx, begun);
  const removed = await deleteEmaSeries(tx, orphans);
  bookWrites(tally, 'ema_points', { rows: removed, written: removed.length });
  const ended = await deleteEmaWatermarks(
    tx,
    tasks.filter(({ isRemoved }) => isRemoved),
  );
  bookWrites(tally, 'ema_asset_state', { rows: ended, written: ended.length });
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

async function writeAll(tx: Tx, writes: EmaWrites, tally: WriteTally): Promise<void> {
  const { states, assets, lags, caughtUp } = writes;
  const book = async <T extends { id: number }>(
    table: string,
    rows: readonly T[],
    write: (tx: Tx, rows: readonly T[]) => Promise<number>,
  ) => {
    if (rows.length > 0) bookWrites(tally, table, { rows, written: await write(tx, rows) });
  };
  await book('ema_state', states, upsertEmaStates);
  await book('ema_asset_state', assets, upsertEmaAssetStates);
  await book('ema_series_lag', lags, upsertEmaLags);
  await book('ema_series_lag', caughtUp, deleteEmaLags);
}

function outcomeOf({ id, action, reason }: EmaPlan, tally: WriteTally) {
  return {
    ...unworked(id, { status: 'ok', action, reason }),
    rowsNeeded: tally.needed.get(id) ?? 0,
    rowsWritten: tally.written.get(id) ?? 0,
  };
}
