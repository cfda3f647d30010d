/** Repair: assets computed again from all their days, compared with what is stored, and only the differences written. */
import {
  BAR_ALIGNMENTS,
  type BarAlignment,
  hasBars,
  type Timeframe,
} from '../../domain/calendar/timeframe.js';
import type { BarFacts } from '../../domain/planning/plan.js';
import { rebuildBars } from '../../domain/planning/rebuild.js';
import type { DayColumns } from '../../domain/prices/days.js';
import { nameRejects } from '../../domain/prices/name-rejects.js';
import type { JudgedPrices } from '../../domain/prices/price.js';
import { readTimeframes } from '../../storage/assets/dimensions.js';
import { BAR_SHAPE, type BarRow } from '../../storage/bars/bars.js';
import { type BarCarry, readBarCarries, upsertBarCarries } from '../../storage/bars/carry.js';
import {
  DAILY_SHAPE,
  type DailyStateRow,
  deleteDailyStates,
  REJECT_SHAPE,
  type RejectRow,
  upsertDailyStates,
} from '../../storage/bars/daily-bars.js';
import {
  allRows,
  type Difference,
  readDifferences,
  type TableShape,
  writeDifferences,
} from '../../storage/copy/differences.js';
import { writeUnjudged } from '../../storage/prices/findings.js';
import { writeRepair } from '../../storage/series/lowering.js';
import { alignmentKey, seriesKey } from '../../storage/series/series.js';
import type { Tx } from '../../storage/session/database.js';
import { readPrices } from '../../storage/source/prices.js';
import type { Source } from '../../storage/source/source.js';
import { addKeptDays, storeKept } from '../writing/kept-days.js';
import { bookWrites, type WriteTally } from '../writing/write-tally.js';
import { DERIVED_INPUTS, firstChangedDays } from './changed-day.js';
import { type JudgedAsset, judgeAsset } from './judge-days.js';

export interface RepairOptions {
  source: Source;
  /** Series of these are built where they are missing; every series that exists is repaired. */
  alignments: readonly BarAlignment[];
  tfs: readonly string[] | null;
  tally: WriteTally;
  /** Days that the source does not prove any more go. */
  acceptDeletions: boolean;
}

/** What the source days of one asset make of it. */
interface MadeAsset {
  id: number;
  hasPrices: boolean;
  judged: JudgedPrices;
  state: DailyStateRow;
  asset: JudgedAsset;
}

/** Repairs these assets in the open transaction, with statements for all of them; returns what became of their days. */
export async function repairBars(
  tx: Tx,
  assets: readonly BarFacts[],
  options: RepairOptions,
): Promise<Map<number, JudgedAsset>> {
  if (assets.length === 0) return new Map();
  const { tally } = options;
  const ids = assets.map(({ id }) => id);
  const made = await makeDays(tx, assets, options);
  const expected = await expectSeries(tx, made, options);
  const repair = <T extends { id: number }>(shape: TableShape<T>, rows: Iterable<T>) =>
    repairTable(tx, shape, { ids, rows, tally });
  const daily = await repair(
    DAILY_SHAPE,
    made.flatMap(({ id, judged }) => judged.bars.map((bar) => ({ id, bar }))),
  );
  const rejects = await repair(
    REJECT_SHAPE,
    made.flatMap(({ id, judged }) => judged.rejects.map((reject) => ({ id, reject }))),
  );
  const bars = await repair(BAR_SHAPE, expected.bars);
  const moved = await upsertBarCarries(tx, expected.carries);
  bookWrites(tally, 'bar_carry', { rows: moved, written: moved.length });
  await writeDailyStates(tx, made, tally);
  const restated = new Set(daily.map(idOf));
  if (restated.size > 0) await writeUnjudged(tx, [...restated]);
  for (const inputs of DERIVED_INPUTS) {
    const changed = firstChangedDays({ daily, bars }, { existing: expected.existing, inputs });
    const lowered = await writeRepair(tx, inputs.table, changed);
    bookWrites(tally, inputs.table, { rows: lowered, written: lowered.length });
  }
  return new Map(made.map(({ id, asset }) => [id, { ...asset, ...sayOf(id, rejects) }]));
}

/** Reads and judges all days of these assets. */
async function makeDays(
  tx: Tx,
  assets: readonly BarFacts[],
  { source, acceptDeletions, tally }: RepairOptions,
): Promise<MadeAsset[]> {
  const rows = await readPrices(tx, source, { ids: assets.map(({ id }) => id), isFromStart: true });
  const made: MadeAsset[] = [];
  for (const facts of assets) {
    const { id } = facts;
    const prices = await addKeptDays(tx, facts, { prices: rows.get(id) ?? [], acceptDeletions });
    const { judged, state, asset } = judgeAsset({ facts, before: null }, prices);
    await storeKept(tx, facts, { kept: judged.kept, tally });
    made.push({ id, hasPrices: prices.length > 0, judged, state, asset });
  }
  return made;
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
  const stored = await readBarCarries(tx, ids, BAR_ALIGNMENTS);
  const bars: BarRow[] = [];
  // What is stored and not expected goes.
  const carries = new Map<string, BarCarry>();
  for (const [key, { id, alignment }] of stored) carries.set(key, { id, alignment, series: new Map() });
  const existing = new Map<number, ReadonlySet<string>>();
  for (const { id, asset } of made) {
    const isStored = ({ alignment, tf }: Timeframe) =>
      stored.get(alignmentKey(id, alignment))?.series.has(tf) === true;
    existing.set(id, new Set(timeframes.filter(isStored).map(seriesKey)));
    if (asset.days === null) continue;
    const isWanted = (timeframe: Timeframe & { alignment: BarAlignment }) =>
      (options.alignments.includes(timeframe.alignment) && (options.tfs?.includes(timeframe.tf) ?? true)) ||
      isStored(timeframe);
    addSeries(id, asset.days, { timeframes: timeframes.filter(isWanted), bars, carries });
  }
  return { bars, carries: [...carries.values()], existing };
}

/** Every series of an asset from its first day. */
function addSeries(
  id: number,
  days: DayColumns,
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
    const step = rebuildBars(timeframe, days);
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
  { ids, rows, tally }: { ids: readonly number[]; rows: Iterable<T>; tally: WriteTally },
): Promise<Difference<T>[]> {
  const differences = await readDifferences(tx, shape, { from: allRows(shape, ids), expected: rows });
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
