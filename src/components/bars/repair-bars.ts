/** Repair: assets computed from all their days, or from those since a base, compared with what is stored, and only the differences written. */
import { stepBars } from '../../domain/bars/bar.js';
import {
  BAR_ALIGNMENTS,
  type BarAlignment,
  hasBars,
  type Timeframe,
} from '../../domain/calendar/timeframe.js';
import type { DayColumns } from '../../domain/prices/days.js';
import { nameRejects } from '../../domain/prices/name-rejects.js';
import { readTimeframes } from '../../storage/assets/dimensions.js';
import { type BarCarry, readBarCarries, upsertBarCarries } from '../../storage/bars/bar-states.js';
import { BAR_SHAPE, type BarRow } from '../../storage/bars/bars.js';
import { deleteBarBases } from '../../storage/bars/bases.js';
import {
  DAILY_SHAPE,
  deleteDailyStates,
  REJECT_SHAPE,
  type RejectRow,
  upsertDailyStates,
} from '../../storage/bars/daily-bars.js';
import { allBars, barsAfter, type StoredBars } from '../../storage/bars/stored-parts.js';
import {
  type Difference,
  readDifferences,
  type StoredPart,
  type TableShape,
  writeDifferences,
} from '../../storage/copy/differences.js';
import { writeUnjudged } from '../../storage/prices/findings.js';
import { writeRepair } from '../../storage/series/lowering.js';
import { alignmentKey, seriesKey } from '../../storage/series/series.js';
import type { Tx } from '../../storage/session/database.js';
import { bookWrites, type WriteTally } from '../writing/write-tally.js';
import { DERIVED_INPUTS, firstChangedDays } from './changed-day.js';
import type { JudgedAsset } from './judge-days.js';
import {
  type AssetToRepair,
  type MadeAsset,
  makeDays,
  makeSinceBases,
  type RepairOptions,
} from './make-days.js';
import type { RepairStart } from './repair-starts.js';

/** Repairs these assets in the open transaction, with statements for all of them; returns what became of their days. */
export async function repairBars(
  tx: Tx,
  assets: readonly AssetToRepair[],
  options: RepairOptions,
): Promise<Map<number, JudgedAsset>> {
  const sinceBase = await makeSinceBases(tx, assets, options);
  const isMade = new Set(sinceBase.map(({ id }) => id));
  const others = assets.flatMap(({ facts }) => (isMade.has(facts.id) ? [] : [facts]));
  const whole = await makeDays(tx, others, options);
  const bases = sinceBase.flatMap(({ id, start }) => (start === null ? [] : [{ id, base: start.base }]));
  const judged = new Map<number, JudgedAsset>();
  for (const [made, stored] of [
    [sinceBase, barsAfter(bases)],
    [whole, allBars(whole.map(({ id }) => id))],
  ] as const) {
    if (made.length === 0) continue;
    for (const [id, asset] of await repairGroup(tx, made, { stored, options })) judged.set(id, asset);
  }
  await deleteBarBases(
    tx,
    [...sinceBase, ...whole].map(({ id, start }) => ({ id, afterDay: start?.base.lastDay ?? null })),
  );
  return judged;
}

/** Repairs assets of which everything is compared, or everything since a base. */
async function repairGroup(
  tx: Tx,
  made: readonly MadeAsset[],
  { stored, options }: { stored: StoredBars; options: RepairOptions },
): Promise<Map<number, JudgedAsset>> {
  const { tally } = options;
  const expected = await expectSeries(tx, made, options);
  const daily = await repairTable(tx, DAILY_SHAPE, {
    ...{ from: stored.daily, tally },
    rows: made.flatMap(({ id, judged }) => judged.bars.map((bar) => ({ id, bar }))),
  });
  const rejects = await repairTable(tx, REJECT_SHAPE, {
    ...{ from: stored.rejects, tally },
    rows: made.flatMap(({ id, judged }) => judged.rejects.map((reject) => ({ id, reject }))),
  });
  const bars = await repairTable(tx, BAR_SHAPE, { from: stored.bars, rows: expected.bars, tally });
  const moved = await upsertBarCarries(tx, expected.carries);
  bookWrites(tally, 'bar_carry', { rows: moved, written: moved.length });
  await writeDailyStates(tx, made, tally);
  const restated = new Set(daily.map(idOf));
  const unjudged = made.filter(({ id }) => restated.has(id));
  await writeUnjudged(
    tx,
    // The day after the last one of the base may say something of that one: a price that went and came back.
    unjudged.map(({ id, start }) => ({ id, afterSeq: Math.max(0, (start?.base.barSeq ?? 0) - 1) })),
  );
  for (const inputs of DERIVED_INPUTS) {
    const changed = firstChangedDays({ daily, bars }, { existing: expected.existing, inputs });
    const lowered = await writeRepair(tx, inputs.table, changed);
    bookWrites(tally, inputs.table, { rows: lowered, written: lowered.length });
  }
  return new Map(made.map(({ id, asset }) => [id, { ...asset, ...sayOf(id, rejects) }]));
}

interface ExpectedSeries {
  bars: Iterable<BarRow>;
  /** What is to be of every row that is stored or is to be. */
  carries: BarCarry[];
  /** Keys of the series that had a state and still have a timeframe, by asset. */
  existing: ReadonlyMap<number, ReadonlySet<string>>;
}

async function expectSeries(
  tx: Tx,
  made: readonly MadeAsset[],
  options: RepairOptions,
): Promise<ExpectedSeries> {
  const timeframes = (await readTimeframes(tx)).filter(hasBars);
  const ids = made.map(({ id }) => id);
  // A base that is used has the series that are stored: what is to be replaced needs not be read.
  const stored = made[0]?.start === null ? await readBarCarries(tx, ids, BAR_ALIGNMENTS) : basesOf(made);
  const bars: BarRow[] = [];
  // What is stored and not expected goes.
  const carries = new Map<string, BarCarry>();
  for (const [key, { id, alignment }] of stored) carries.set(key, { id, alignment, series: new Map() });
  const existing = new Map<number, ReadonlySet<string>>();
  for (const { id, start, asset } of made) {
    const isStored = ({ alignment, tf }: Timeframe) =>
      stored.get(alignmentKey(id, alignment))?.series.has(tf) === true;
    existing.set(id, new Set(timeframes.filter(isStored).map(seriesKey)));
    if (asset.days === null) {
      for (const [alignment, carry] of start?.carries ?? [])
        carries.set(alignmentKey(id, alignment), { id, alignment, series: new Map(carry.series) });
      continue;
    }
    const isWanted = (timeframe: Timeframe & { alignment: BarAlignment }) =>
      (options.alignments.includes(timeframe.alignment) && (options.tfs?.includes(timeframe.tf) ?? true)) ||
      isStored(timeframe);
    addSeries({ id, start, days: asset.days }, { timeframes: timeframes.filter(isWanted), bars, carries });
  }
  return { bars, carries: [...carries.values()], existing };
}

function basesOf(made: readonly MadeAsset[]): Map<string, BarCarry> {
  return new Map(
    made.flatMap(({ id, start }) =>
      [...(start?.carries ?? [])].map(([alignment, carry]) => [alignmentKey(id, alignment), carry] as const),
    ),
  );
}

/** Every series of an asset, from its first day or from what it was at its base. */
function addSeries(
  { id, start, days }: { id: number; start: RepairStart | null; days: DayColumns },
  {
    timeframes,
    bars,
    carries,
  }: {
    timeframes: readonly (Timeframe & { alignment: BarAlignment })[];
    bars: BarRow[];
    carries: Map<string, BarCarry>;
  },
): void {
  for (const timeframe of timeframes) {
    const { alignment, tf } = timeframe;
    const before = start?.carries.get(alignment)?.series.get(tf) ?? null;
    const step = stepBars(timeframe, before, days);
    for (const bar of step.closed) bars.push({ id, alignment, tf, bar });
    if (step.state === null) continue;
    const key = alignmentKey(id, alignment);
    const carry = carries.get(key) ?? { id, alignment, series: new Map() };
    carries.set(key, carry);
    carry.series.set(tf, step.state);
  }
}

/** Makes the rows of assets in one table what they should be and books what that took. */
async function repairTable<T extends { id: number }>(
  tx: Tx,
  shape: TableShape<T>,
  { from, rows, tally }: { from: StoredPart; rows: Iterable<T>; tally: WriteTally },
): Promise<Difference<T>[]> {
  const differences = await readDifferences(tx, shape, { from, expected: rows });
  const written = await writeDifferences(tx, shape, differences);
  bookWrites(tally, shape.table, { rows: differences.map((each) => ({ id: idOf(each) })), written });
  return differences;
}

/** The id is the first column of every table. */
function idOf({ expected, stored }: Difference<{ id: number }>): number {
  return expected?.id ?? (stored?.[0] as number);
}

async function writeDailyStates(tx: Tx, made: readonly MadeAsset[], tally: WriteTally): Promise<void> {
  const gone = made.filter(({ hasPrices }) => !hasPrices);
  const left = made.filter(({ hasPrices }) => hasPrices);
  const deleted =
    gone.length === 0
      ? 0
      : await deleteDailyStates(
          tx,
          gone.map(({ id }) => id),
        );
  const written =
    left.length === 0
      ? 0
      : await upsertDailyStates(
          tx,
          left.map(({ state }) => state),
        );
  bookWrites(tally, 'cmc_price_bars_1d_state', { rows: made, written: deleted + written });
}

/** What to say of the days of one asset: only what is new. */
function sayOf(
  id: number,
  rejects: readonly Difference<RejectRow>[],
): Pick<JudgedAsset, 'gaps' | 'rejects' | 'repairs' | 'named'> {
  const now = rejects.flatMap(({ expected }) => (expected?.id === id ? [expected.reject] : []));
  const count = (action: string) => now.filter((reject) => reject.action === action).length;
  return { gaps: 0, rejects: count('rejected'), repairs: count('repaired'), named: nameRejects(now) };
}
