/** What a rebuild has of one asset's indicators, made of the bars that are stored. */
import { type Day, formatDay } from '../../domain/calendar/day.js';
import { BAR_ALIGNMENTS, type BarAlignment } from '../../domain/calendar/timeframe.js';
import type { IndicatorSet } from '../../domain/indicators/set.js';
import type { MissingIndicator } from '../../domain/planning/plan-indicators.js';
import { allRows, compareRows, type RowDifference, readStoredRows } from '../../storage/copy/differences.js';
import { type OpenSeries, readClosedBars, readOpenSeries } from '../../storage/indicators/bars.js';
import {
  INDICATOR_CARRY_SHAPE,
  type IndicatorCarryRow,
  packIndicatorCarry,
  readIndicatorReach,
} from '../../storage/indicators/indicator-states.js';
import {
  INDICATOR_POINT_SHAPE,
  type IndicatorPointRow,
  listOrphanedPoints,
} from '../../storage/indicators/points.js';
import { readActiveSet } from '../../storage/indicators/read-set.js';
import type { BuiltOfAsset } from '../../storage/series/built.js';
import type { Tx } from '../../storage/session/database.js';
import { emptyCarry, stepTask } from './step-indicators.js';

/** One alignment of an asset that has indicators. */
export interface ComparedIndicators {
  alignment: BarAlignment;
  /** What it waits for; null: it was compared. */
  waitsFor: string | null;
  points: readonly RowDifference<IndicatorPointRow>[];
  /** Whether the stored row of indicator_carry is not the expected one. */
  isCarryOther: boolean;
  /** null: it was not compared. */
  carry: IndicatorCarryRow | null;
  /** Timeframes of series that were built, have bars, and are gone from indicator_carry, by their names. */
  lost: readonly string[];
}

/**
 * Compares what is stored of the indicators of an asset. Alignments without any are for the next run to build, unless
 * `built` (what series_built lists) says that they were there: then all of their rows are missing.
 */
export async function compareIndicators(
  tx: Tx,
  id: number,
  built: BuiltOfAsset,
): Promise<ComparedIndicators[]> {
  const reaches = await readIndicatorReach(tx, id);
  const orphaned = await listOrphanedPoints(tx, id);
  if (reaches.length + orphaned.length + built.alignments.size === 0) return [];
  const { set, missing } = await readActiveSet(tx);
  const bars = (await readOpenSeries(tx, [id], BAR_ALIGNMENTS)).get(id) ?? new Map<string, OpenSeries>();
  const stored = await readStoredRows(tx, INDICATOR_CARRY_SHAPE, {
    from: allRows(INDICATOR_CARRY_SHAPE, [id]),
  });
  const compared: ComparedIndicators[] = [];
  const ownOf = (alignment: BarAlignment) => [...bars].filter(([key]) => key.startsWith(`${alignment} `));
  for (const alignment of orphaned)
    compared.push(
      missing[0] === undefined
        ? await compareAlignment(tx, { id, alignment, set, own: ownOf(alignment), stored })
        : { ...NOT_COMPARED, alignment, waitsFor: waitForFile(missing[0]) },
    );
  const known = new Set<BarAlignment>([...orphaned, ...reaches.map(({ alignment }) => alignment)]);
  // Without an active indicator nothing of them is to be there.
  for (const alignment of set.indicators.length === 0 ? [] : BAR_ALIGNMENTS) {
    const own = known.has(alignment) ? [] : ownOf(alignment).filter(([key]) => built.series.has(key));
    if (own.length > 0) compared.push(await compareLost(tx, { id, alignment, set, own, stored }));
  }
  for (const { alignment, repairFrom, watermarkDay, identities, series, isHeaderWrong } of reaches) {
    const own = ownOf(alignment);
    const isLevel =
      own.length === series.size &&
      own.every(([key, { day, closedSeq }]) => {
        const taken = series.get(timeframeOf(key));
        return taken !== undefined && taken.day === day && taken.barSeq === closedSeq;
      });
    const lost = own
      .filter(([key]) => built.series.has(key) && !series.has(timeframeOf(key)))
      .map(([key]) => timeframeOf(key))
      .sort();
    const names = identities.map((identity) => identity.split(' ')[0]);
    const held = missing.find(({ name }) => names.includes(name));
    const waitsFor =
      held === undefined
        ? reasonToWait(set, { repairFrom, watermarkDay, identities, isLevel })
        : waitForFile(held);
    if (waitsFor !== null) {
      compared.push({ ...NOT_COMPARED, alignment, waitsFor, lost });
      continue;
    }
    const found = await compareAlignment(tx, { id, alignment, set, own, stored });
    compared.push({ ...found, isCarryOther: found.isCarryOther || isHeaderWrong, lost });
  }
  return compared;
}

const NOT_COMPARED: Omit<ComparedIndicators, 'alignment' | 'waitsFor'> = {
  ...{ points: [], isCarryOther: false, carry: null, lost: [] },
};

/** An alignment of which nothing is there, though it was built. */
async function compareLost(tx: Tx, scope: AlignmentScope): Promise<ComparedIndicators> {
  const found = await compareAlignment(tx, scope);
  return { ...found, isCarryOther: false, lost: scope.own.map(([key]) => timeframeOf(key)).sort() };
}

function waitForFile({ name, why }: MissingIndicator): string {
  return `${name}: ${why}`;
}

function timeframeOf(key: string): string {
  return key.split(' ')[1] ?? '';
}

function reasonToWait(
  set: IndicatorSet,
  {
    repairFrom,
    watermarkDay,
    identities,
    isLevel,
  }: { repairFrom: Day | null; watermarkDay: Day | null; identities: readonly string[]; isLevel: boolean },
): string | null {
  if (identities.join() !== set.identities.join()) return 'repair: other indicators are active';
  if (repairFrom !== null) return `repair from ${formatDay(repairFrom)}`;
  if (watermarkDay === null) return 'repair: its bars were rebuilt';
  return isLevel ? null : 'its indicators are not level with its bars';
}

interface AlignmentScope {
  id: number;
  alignment: BarAlignment;
  set: IndicatorSet;
  own: readonly (readonly [key: string, bars: OpenSeries])[];
  stored: ReadonlyMap<string, Buffer>;
}

async function compareAlignment(
  tx: Tx,
  { id, alignment, set, own, stored }: AlignmentScope,
): Promise<ComparedIndicators> {
  const series = own.map(([key, bars]) => ({
    ...{ id, alignment, tf: timeframeOf(key) },
    ...{ bars, before: null },
  }));
  const closed = await readClosedBars(
    tx,
    series.map(({ tf }) => ({ id, alignment, tf, afterSeq: 0 })),
  );
  const carry = emptyCarry({ id, alignment }, set);
  const expected = [...stepTask(carry, series, { set, closed })];
  const unfinished = carry.stops.find(({ isPassing }) => isPassing);
  if (unfinished !== undefined) {
    const waitsFor = `${unfinished.name}: ${unfinished.why}`;
    return { ...NOT_COMPARED, alignment, waitsFor };
  }
  const { table } = INDICATOR_POINT_SHAPE;
  const rows = await readStoredRows(tx, INDICATOR_POINT_SHAPE, {
    from: `${allRows({ table }, [id])} and t.alignment = '${alignment}'`,
  });
  const isSame = compareRows(INDICATOR_CARRY_SHAPE, stored, [packIndicatorCarry(carry.row)]).every(
    ({ kind }) => kind === 'surplus',
  );
  return {
    alignment,
    waitsFor: null,
    points: compareRows(INDICATOR_POINT_SHAPE, rows, expected),
    isCarryOther: !isSame,
    carry: carry.row,
    lost: [],
  };
}
