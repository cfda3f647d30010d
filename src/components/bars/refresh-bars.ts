/** The bars component: source days -> 1D bars -> closed bars of every timeframe. */
import {
  alignmentsOfBuilders,
  type BarBuilder,
  type BarPlan,
  includesDaily,
  planBars,
} from '../../domain/planning/plan.js';
import { writeBarBases } from '../../storage/bars/bases.js';
import { readBarFacts } from '../../storage/planning/bar-facts.js';
import { deleteNotes } from '../../storage/prices/extents.js';
import type { Database, Tx } from '../../storage/session/database.js';
import { readFaults } from '../../storage/source/fault.js';
import { readSource, type Source } from '../../storage/source/source.js';
import {
  type BatchResult,
  type ComponentOptions,
  type Emit,
  refreshAssets,
  type SeriesEvent,
  unworked,
} from '../writing/refresh-assets.js';
import { bookWrites, startTally, type WriteTally } from '../writing/write-tally.js';
import { advanceSeries } from './advance-series.js';
import { clearAssets, clearDerivedWithoutBars, dropRemovedSeries, type PlannedBars } from './clear-bars.js';
import {
  describeDoubled,
  describeUnconfirmed,
  type JudgedAsset,
  judgeDays,
  readDaysToJudge,
} from './judge-days.js';
import type { RepairOptions } from './make-days.js';
import { repairBars } from './repair-bars.js';
import { findStarts, type RepairStart } from './repair-starts.js';

export interface BarsOptions extends ComponentOptions<BarBuilder> {
  /** What `--source` gave; null is our own table. */
  source: string | null;
  /** Deletions of suspiciously many days are accepted. */
  acceptDeletions?: boolean;
  /** Rows that were loaded before their day was over count at once. */
  acceptProvisional?: boolean;
  /** Source rows dated later do not count (epoch microseconds); null or left out: the database's now. */
  asOfUs?: number | null;
}

/**
 * Brings the bars of `ids` up to date and emits what happened: started, then asset_started and asset_finished of
 * each asset. A failing asset is an outcome; throws when the component as a whole cannot continue (see refreshAssets) and
 * when the source cannot be read (see readSource).
 */
export async function refreshBars(database: Database, options: BarsOptions, emit: Emit): Promise<void> {
  const source = includesDaily(options.only) ? await openSource(database, options) : null;
  await refreshAssets({
    database,
    options,
    emit,
    refresh: {
      component: 'bars',
      tables: ['price_bars', 'cmc_price_bars_1d', 'bar_carry'],
      refreshBatch: (tx, ids, mode) =>
        refreshBatch(tx, ids, { ...options, tfs: options.tfs ?? null, source, ...mode }),
    },
  });
}

/** The source as the run reads it, with what is wrong with it as a whole: no row of it is judged then. */
function openSource(database: Database, options: BarsOptions): Promise<Source> {
  return database.read(async (tx) => {
    const source = {
      ...(await readSource(tx, options.source)),
      asOfUs: options.asOfUs ?? null,
      acceptProvisional: options.acceptProvisional ?? false,
    };
    return readFaults(tx, source, options.ids);
  });
}

interface BatchOptions {
  only: readonly BarBuilder[] | null;
  tfs: readonly string[] | null;
  acceptDeletions?: boolean;
  source: Source | null;
  fullRebuild: boolean;
  verbose: boolean;
  /** Whether rebuilds are done here or deferred. */
  rebuild: boolean;
}

async function refreshBatch(tx: Tx, ids: readonly number[], options: BatchOptions): Promise<BatchResult> {
  const { only, tfs, source, rebuild } = options;
  const planned = (await readBarFacts(tx, { ids, source, only, tfs })).map(
    (facts): PlannedBars => ({ facts, plan: planBars(facts, options) }),
  );
  const isAll = only === null && tfs === null && !options.acceptDeletions;
  const repaired = planned.filter(({ plan }) => plan.action === 'repair').map(({ facts }) => facts);
  const starts = isAll ? await findStarts(tx, repaired) : new Map<number, RepairStart>();
  const isRebuild = ({ plan }: PlannedBars) =>
    plan.action === 'rebuild' || (plan.action === 'repair' && !starts.has(plan.id));
  const isSettled = ({ plan }: PlannedBars) => plan.action === 'none' || plan.action === 'skip';
  const working = planned.filter((asset) => !isSettled(asset) && (rebuild || !isRebuild(asset)));
  const settled = planned.filter(isSettled);
  const work =
    working.length === 0
      ? { outcomes: [], series: [], warnings: [] }
      : await workOn(tx, working, { ...options, starts });
  return {
    outcomes: [...settled.map(({ plan }) => settle(plan)), ...work.outcomes],
    series: options.verbose ? work.series : [],
    warnings: work.warnings ?? [],
    deferred: rebuild
      ? []
      : planned.filter(isRebuild).map(({ plan, facts }) => ({
          id: plan.id,
          rows: (facts.daily?.barSeq ?? 0) + (facts.source?.fresh.rows ?? 0),
        })),
  };
}

interface Starts {
  /** Bases that repairs start from, by asset. */
  starts: ReadonlyMap<number, RepairStart>;
}

function settle({ id, action, reason, isBlocked }: BarPlan) {
  const status = isBlocked ? 'failed' : action === 'skip' ? 'skipped' : 'ok';
  return unworked(id, { status, action, reason });
}

async function workOn(
  tx: Tx,
  planned: readonly PlannedBars[],
  { only, tfs, source, acceptDeletions = false, starts }: BatchOptions & Starts,
): Promise<Pick<BatchResult, 'outcomes' | 'series' | 'warnings'>> {
  const ids = planned.map(({ plan }) => plan.id);
  const tally = startTally(ids);
  const alignments = alignmentsOfBuilders(only);
  const isRepair = ({ plan }: PlannedBars) => plan.action === 'repair';
  const judged = await repairPlanned(tx, planned.filter(isRepair), {
    ...{ source, alignments, tfs, tally, acceptDeletions, starts },
  });
  const others = planned.filter((asset) => !isRepair(asset));
  const series = await continueBars(tx, others, { only, tfs, source, acceptDeletions, tally, judged });
  await clearDerivedWithoutBars(tx, planned, judged);
  await dropRemovedSeries(tx, planned, { alignments, tally });
  await consumeNotes(tx, planned, tally);
  return {
    outcomes: planned.map(({ plan }) => outcomeOf(plan, judged.get(plan.id), tally)),
    series: [...dailyEvents(judged), ...series],
    warnings: [...judged].flatMap(([id, asset]) =>
      [describeDoubled(id, asset), describeUnconfirmed(id, asset)].filter((text) => text !== null),
    ),
  };
}

/** Without its source no asset is repaired: a plan for one needs it. */
async function repairPlanned(
  tx: Tx,
  planned: readonly PlannedBars[],
  { source, starts, ...options }: Omit<RepairOptions, 'source'> & { source: Source | null } & Starts,
): Promise<Map<number, JudgedAsset>> {
  const [first] = planned;
  if (first === undefined) return new Map();
  if (source === null) throw new Error(`id ${first.facts.id}: a repair without a source`);
  const assets = planned.map(({ facts }) => ({ facts, start: starts.get(facts.id) ?? null }));
  return repairBars(tx, assets, { ...options, source });
}

interface Continuing extends Pick<BatchOptions, 'only' | 'tfs' | 'source'> {
  acceptDeletions: boolean;
  tally: WriteTally;
  judged: Map<number, JudgedAsset>;
}

/** Appends and rebuilds: new days into 1D bars, then into every series that has not seen them. */
async function continueBars(
  tx: Tx,
  planned: readonly PlannedBars[],
  { only, tfs, source, acceptDeletions, tally, judged }: Continuing,
): Promise<SeriesEvent[]> {
  if (planned.length === 0) return [];
  await renewBases(tx, planned, tally);
  const rebuilt = planned.filter(({ plan }) => plan.action === 'rebuild').map(({ facts }) => facts);
  const isRebuilt = new Set(rebuilt.map(({ id }) => id));
  const assets = planned
    .filter(
      ({ facts }) =>
        isRebuilt.has(facts.id) ||
        facts.source?.fresh.minUs != null ||
        facts.source?.isOther === true ||
        facts.source?.isFormOld === true,
    )
    .map(({ facts }) => ({ facts, before: isRebuilt.has(facts.id) ? null : facts.daily }));
  // Before states and bars go: what was taken in already counts, however young it is.
  const prices = source === null ? null : await readDaysToJudge(tx, source, { assets, acceptDeletions });
  const existing = rebuilt.length === 0 ? new Map() : await clearAssets(tx, rebuilt, { only, tally });
  if (source !== null && prices !== null) {
    const { expectations } = source;
    for (const [id, result] of await judgeDays(tx, assets, { prices, expectations, tally }))
      judged.set(id, result);
  }
  return advanceSeries(
    tx,
    planned.map(({ facts }) => {
      const result = judged.get(facts.id);
      return {
        id: facts.id,
        lastDay: result === undefined ? (facts.daily?.lastDay ?? null) : result.lastDay,
        newDays: result?.days ?? null,
        levelDay: isRebuilt.has(facts.id) ? null : (facts.daily?.lastDay ?? null),
        existing: new Set(existing.get(facts.id)?.keys()),
      };
    }),
    { alignments: alignmentsOfBuilders(only), tfs, tally },
  );
}

/** What an append continues from is the base of the days after it. */
async function renewBases(tx: Tx, planned: readonly PlannedBars[], tally: WriteTally): Promise<void> {
  const appended = planned.filter(
    ({ plan, facts }) => plan.action === 'append' && facts.source?.fresh.minUs != null,
  );
  if (appended.length === 0) return;
  const renewed = await writeBarBases(
    tx,
    appended.map(({ facts }) => facts.id),
  );
  for (const [table, rows] of Object.entries(renewed))
    bookWrites(tally, table, { rows, written: rows.length });
}

/** Exactly the notes that the facts were made from: one that was filed meanwhile is for the next run. */
async function consumeNotes(tx: Tx, planned: readonly PlannedBars[], tally: WriteTally): Promise<void> {
  const notes = planned.flatMap(({ facts }) =>
    (facts.source?.notes ?? []).map((note) => ({ id: facts.id, note })),
  );
  if (notes.length === 0) return;
  bookWrites(tally, 'price_change', { rows: notes, written: await deleteNotes(tx, notes) });
}

function outcomeOf(
  { id, action, reason, isBackfill }: BarPlan,
  judged: JudgedAsset | undefined,
  tally: WriteTally,
) {
  return {
    id,
    status: 'ok' as const,
    action,
    reason,
    rowsNeeded: tally.needed.get(id) ?? 0,
    rowsWritten: tally.written.get(id) ?? 0,
    rejects: judged?.rejects ?? 0,
    repairs: judged?.repairs ?? 0,
    gaps: judged?.gaps ?? 0,
    backfilled: isBackfill,
    ...(judged !== undefined && judged.named.length > 0 && { judged: judged.named }),
  };
}

function dailyEvents(judged: ReadonlyMap<number, JudgedAsset>): SeriesEvent[] {
  return [...judged]
    .filter(([, { bars }]) => bars > 0)
    .map(([id, { bars }]) => ({ type: 'series', id, alignment: '1d', tf: '1D', rows: bars }));
}
