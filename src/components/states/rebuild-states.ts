/** States that were lost or damaged, restored from the data that they belong to. */
import type { Alignment } from '../../domain/calendar/timeframe.js';
import { readPeriods, readTimeframes } from '../../storage/assets/dimensions.js';
import { deleteBarBases } from '../../storage/bars/bases.js';
import type { RowDifference } from '../../storage/copy/differences.js';
import { deleteEmaBases } from '../../storage/emas/bases.js';
import { listWrongHeaders } from '../../storage/emas/ema-state-headers.js';
import { describeFailure, isCommonFailure } from '../../storage/failures/failures.js';
import { upsertIndicatorCarries } from '../../storage/indicators/indicator-states.js';
import { holdLease, type LeaseToken } from '../../storage/lease/lease.js';
import { listUnlisted, NOTHING_BUILT, writeSeriesUnlisted } from '../../storage/series/built.js';
import { type AssetSeries, seriesKey } from '../../storage/series/series.js';
import type { Database, Tx } from '../../storage/session/database.js';
import { readSource, type Source } from '../../storage/source/source.js';
import { type Catalogue, compareTable, type ExpectedAsset, expectAsset } from '../expected/asset.js';
import { alignmentsOf, findWrongBases, type WrongBase } from '../expected/bases.js';
import { readStoredDays } from '../expected/daily-facts.js';
import { type ComparedIndicators, compareIndicators } from '../expected/indicators.js';
import {
  type RowOf,
  readStoredAsset,
  SHAPES,
  type StoredAsset,
  seriesOfRow,
} from '../expected/stored-asset.js';
import { restoreDailyState } from './restore-daily-state.js';
import { STATE_TABLES, type StateDifferences, type StateTable, writeStates } from './write-states.js';

export interface RebuildStatesOptions {
  ids: readonly number[];
  /** What `--source` gave; null is our own table. */
  source: string | null;
  lease: LeaseToken | null;
  /** Nothing is written, only reported. */
  isDryRun: boolean;
  signal?: AbortSignal;
}

/** What was restored of one asset. */
export interface RestoredAsset {
  id: number;
  /** Rows written or deleted, by table; empty: every state was right. */
  restored: Record<string, number>;
  /** What rebuilt states cannot repair, in words; empty: nothing. */
  remaining: string[];
  /** The 1D bars or rejects are not what the source makes: the next refresh compares them all and repairs them. */
  isSourceOther: boolean;
  /** EMAs that were left alone: a refresh repairs them. */
  waiting: { alignment: Alignment; waitsFor: string }[];
  /** Why nothing was done; null: it was. */
  error: string | null;
}

/**
 * Restores the states of these assets, each in one transaction under the lease, and emits what that came to. An asset
 * that fails is an outcome; throws when the lease, the database or the source is lost, and with the signal's reason.
 */
export async function rebuildStates(
  database: Database,
  options: RebuildStatesOptions,
  emit: (restored: RestoredAsset) => void,
): Promise<void> {
  const source = await database.read((tx) => readSource(tx, options.source));
  for (const id of options.ids) {
    options.signal?.throwIfAborted();
    const work = async (tx: Tx) => {
      await holdLease(tx, options.lease);
      return rebuildAsset(tx, id, { source, isDryRun: options.isDryRun });
    };
    const working = options.isDryRun
      ? database.read(work)
      : database.transaction(work, { isolation: 'repeatable read' });
    emit(await working.catch(failedAsset(id)));
  }
}

function failedAsset(id: number): (error: unknown) => RestoredAsset {
  return (error) => {
    if (isCommonFailure(error)) throw error;
    return {
      ...{ id, restored: {}, remaining: [], isSourceOther: false, waiting: [] },
      error: describeFailure(error),
    };
  };
}

async function rebuildAsset(
  tx: Tx,
  id: number,
  { source, isDryRun }: { source: Source; isDryRun: boolean },
): Promise<RestoredAsset> {
  const stored = await readStoredAsset(tx, id);
  const { days, broken } = readStoredDays(stored);
  if (broken !== null) {
    throw new Error(
      `bar_seq ${broken.expectedSeq ?? broken.barSeq} of its 1D bars is not there: states are made from them`,
    );
  }
  const daily = await restoreDailyState(tx, stored, { source, isDryRun });
  const restored: Record<string, number> = daily.isRestored ? { cmc_price_bars_1d_state: 1 } : {};
  const catalogue = { timeframes: await readTimeframes(tx), periods: await readPeriods(tx) };
  // A series that is gone as a whole is the next refresh's, which builds it: with a state alone it would never be.
  const expected = expectAsset({ ...stored, built: NOTHING_BUILT }, days, catalogue);
  const differences = findStateDifferences(stored, expected, catalogue);
  for (const name of STATE_TABLES) {
    const rows = differences[name].length;
    if (rows > 0) restored[SHAPES[name].table] = rows;
  }
  const wrong = await listWrongHeaders(tx, id);
  for (const { table } of wrong) restored[table] = (restored[table] ?? 0) + 1;
  const unlisted = await listUnlisted(tx, id, stored.built);
  if (unlisted.length > 0) restored.series_built = unlisted.length;
  const indicators = await compareIndicators(tx, id, NOTHING_BUILT.indicators);
  const carries = indicators.flatMap(({ isCarryOther, carry }) =>
    isCarryOther && carry !== null ? [carry] : [],
  );
  if (carries.length > 0) restored.indicator_carry = carries.length;
  const wrongBases = await findWrongBases(tx, { id, days, ...catalogue });
  for (const { table } of wrongBases) restored[table] = (restored[table] ?? 0) + 1;
  if (!isDryRun) {
    await upsertIndicatorCarries(tx, carries);
    await dropBases(tx, id, wrongBases);
    await writeStates(tx, stored, { differences, wrong });
    await writeSeriesUnlisted(tx, id, stored.built);
  }
  return {
    id,
    restored,
    remaining: [...listRemaining(stored, expected), ...remainingIndicators(indicators)],
    isSourceOther: daily.isSourceOther,
    waiting: [...expected.waiting].map(([alignment, waitsFor]) => ({ alignment, waitsFor })),
    error: null,
  };
}

/** The next append takes another base. */
async function dropBases(tx: Tx, id: number, wrong: readonly WrongBase[]): Promise<void> {
  if (wrong.some(({ table }) => table !== 'ema_base')) await deleteBarBases(tx, [{ id, afterDay: null }]);
  await deleteEmaBases(
    tx,
    alignmentsOf(wrong).map((alignment) => ({ id, alignment })),
  );
}

/** Series whose timeframe was taken out of dim_timeframe are the next refresh's: they are left alone. */
function findStateDifferences(
  stored: StoredAsset,
  expected: ExpectedAsset,
  { timeframes }: Catalogue,
): StateDifferences {
  const known = new Set([...timeframes.map(seriesKey), ...timeframes.map(({ alignment }) => alignment)]);
  const compare = <N extends StateTable>(name: N) =>
    compareTable(stored, expected, name).filter(
      ({ bytes }) => bytes === null || known.has(seriesOfRow(name, bytes)),
    );
  const found: StateDifferences = {
    barStates: compare('barStates'),
    emaAssets: compare('emaAssets'),
    lags: compare('lags'),
    emaStates: compare('emaStates'),
  };
  found.barStates.push(...addOptional('barStates', stored, { expected, lost: found.barStates }));
  const emaLost = [...found.emaAssets, ...found.emaStates];
  found.emaStates.push(...addOptional('emaStates', stored, { expected, lost: emaLost }));
  return found;
}

/**
 * States that belong to no bar or point yet may be lost too where others of the same alignment are; that they are right is
 * certain, and a series that was never built continues from there.
 */
function addOptional<N extends 'barStates' | 'emaStates'>(
  name: N,
  stored: StoredAsset,
  {
    expected,
    lost,
  }: { expected: ExpectedAsset; lost: readonly RowDifference<Pick<AssetSeries, 'alignment'>>[] },
): RowDifference<RowOf<N>>[] {
  const alignments = new Set(lost.flatMap(({ expected: row }) => (row === null ? [] : [row.alignment])));
  const rows: readonly AssetSeries[] = expected.optional[name];
  return rows
    .filter((row) => alignments.has(row.alignment) && !stored[name].bySeries.has(seriesKey(row)))
    .map((row) => ({ kind: 'missing', expected: row as RowOf<N>, bytes: null }));
}

/** Only states are repaired here, not rows that differ. */
function listRemaining(stored: StoredAsset, expected: ExpectedAsset): string[] {
  return (['bars', 'points'] as const).flatMap((name) => {
    const rows = compareTable(stored, expected, name).length;
    return rows === 0 ? [] : [`${rows} of its rows in ${SHAPES[name].table} not what a rebuild makes`];
  });
}

function remainingIndicators(compared: readonly ComparedIndicators[]): string[] {
  const rows = compared.reduce((sum, { points }) => sum + points.length, 0);
  return rows === 0 ? [] : [`${rows} of its rows in indicator_points not what a rebuild makes`];
}
