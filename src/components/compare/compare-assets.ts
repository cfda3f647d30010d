/** The origin's bars and EMAs compared with ours, asset by asset and series by series; nothing is written. */
import { type Day, formatDay } from '../../domain/calendar/day.js';
import { hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import { givenDays } from '../../domain/origin/given.js';
import type { Repairs } from '../../domain/origin/ours.js';
import { type DayColumns, indexAfter } from '../../domain/prices/days.js';
import type { DailyPrice } from '../../domain/prices/price.js';
import { parseSplits } from '../../domain/prices/split.js';
import { readPeriods, readTimeframes } from '../../storage/assets/dimensions.js';
import { readDays } from '../../storage/bars/daily-bars.js';
import { describeFailure, isCommonFailure } from '../../storage/failures/failures.js';
import {
  type PricePlaces,
  readGiven,
  readOurLastDay,
  readPricePlaces,
  readRepairs,
} from '../../storage/origin/ours.js';
import {
  nameOfSeries,
  type OriginExtent,
  type OriginSeries,
  readExtent,
  readSeries,
  seriesOfName,
} from '../../storage/origin/rows.js';
import { type OriginTable, type OriginTables, readOriginTables } from '../../storage/origin/tables.js';
import { readDailyStates } from '../../storage/planning/bar-facts.js';
import type { Database, Tx } from '../../storage/session/database.js';
import { type AssetComparison, noteSeries, noteUnexplained, startTable, type Tally } from './comparison.js';
import { type Inputs, Workbench } from './series.js';

export interface CompareOptions {
  ids: readonly number[];
  /** Schema of their tables. */
  origin: string;
  /** null: all. */
  tfs: readonly string[] | null;
  /** Where our prices are read from; null: our own table. Their own table comes first where it has the asset. */
  source: string | null;
}

/** One asset in the snapshot that it is compared in. */
interface Scope {
  tx: Tx;
  id: number;
  result: AssetComparison;
  timeframes: readonly Timeframe[];
  periods: readonly number[];
  tfs: readonly string[] | null;
  /** null: we have none. */
  days: DayColumns | null;
  repaired: ReadonlyMap<Day, Repairs>;
  prices: readonly DailyPrice[];
  hasSplits: boolean;
}

/**
 * Compares assets one after the other, each in a read-only snapshot of its own, one series at a time in memory. Emits
 * each; one that cannot be compared has an error. Returns what was found of theirs. Throws when their schema or the
 * prices cannot be read, and when the database is lost.
 */
export async function compareAssets(
  database: Database,
  { ids, origin, tfs, source }: CompareOptions,
  emit: (comparison: AssetComparison) => void,
): Promise<OriginTables> {
  const { tables, places } = await database.read(async (tx) => ({
    tables: await readOriginTables(tx, origin),
    places: await readPricePlaces(tx, { origin, source }),
  }));
  for (const id of ids) {
    const compare = (tx: Tx) => compareAsset(tx, { id, tables: tables.tables, tfs, places });
    emit(await database.read(compare).catch((error: unknown) => failedComparison(id, error)));
  }
  return tables;
}

function failedComparison(id: number, error: unknown): AssetComparison {
  if (isCommonFailure(error)) throw error;
  return { id, tables: [], unexplained: 0, findings: [], error: describeFailure(error) };
}

async function compareAsset(
  tx: Tx,
  {
    id,
    tables,
    tfs,
    places,
  }: {
    id: number;
    tables: readonly OriginTable[];
    tfs: readonly string[] | null;
    places: PricePlaces;
  },
): Promise<AssetComparison> {
  const result: AssetComparison = { id, tables: [], unexplained: 0, findings: [], error: null };
  const scope: Scope = {
    ...{ tx, id, result, tfs, timeframes: await readTimeframes(tx), periods: await readPeriods(tx) },
    days: (await readDays(tx, [{ id, afterDay: null }])).get(id) ?? null,
    repaired: await readRepairs(tx, id),
    prices: await readGiven(tx, places, id),
    hasSplits: parseSplits((await readDailyStates(tx, [id])).get(id)?.splits ?? '').length > 0,
  };
  for (const table of tables) await compareTable(scope, table);
  return result;
}

/** Our series that a table of theirs may have. */
function catalogueOf({ timeframes }: Scope, { kind, alignment, isHead }: OriginTable): Timeframe[] {
  const ofTable = timeframes.filter((each) => alignment === null || each.alignment === alignment);
  if (kind === 'emas') return ofTable;
  const days = timeframes.filter((each) => each.alignment === 'multi_tf' && each.tf === '1D');
  if (kind === 'daily') return days;
  return [...(isHead ? days : []), ...ofTable.filter(hasBars)];
}

function isWanted({ tfs }: Scope, tf: string): boolean {
  return tfs === null || tfs.includes(tf);
}

async function compareTable(scope: Scope, table: OriginTable): Promise<void> {
  const catalogue = catalogueOf(scope, table).filter(({ tf }) => isWanted(scope, tf));
  if (catalogue.length === 0) return;
  const extent = await readExtent(scope.tx, table, scope.id);
  const tally = startTable(scope.result, table.name, table.leftOut);
  const known = new Map(
    catalogue.map((each) => [table.kind === 'daily' ? '1D' : nameOfSeries(table, each), each]),
  );
  const absent = [...known.keys()].filter((name) => !extent.series.has(name)).length;
  tally.table.notTheirs = absent * (table.kind === 'emas' ? scope.periods.length : 1);
  const inputs = await inputsOf(scope, table, extent);
  if (inputs === null) return noteOneSided(tally, extent);
  const upTo = inputs.grid.firstDay + inputs.grid.length - 1;
  tally.table.upTo = formatDay(upTo);
  noteForeign(scope, tally, { table, extent });
  const bench = new Workbench(table, inputs);
  const reading = {
    id: scope.id,
    grid: inputs.grid,
    upTo,
    periods: scope.periods,
    cells: bench.sides.theirs,
  };
  await readSeries(scope.tx, table, {
    reading,
    clear: () => bench.clear(),
    onSeries: (series) => judge(tally, { bench, inputs, table, series, timeframe: known.get(series.name) }),
  });
}

/** What both sides are made of, up to the newest day of both; null: one of them has nothing. */
async function inputsOf(
  { tx, id, days, repaired, prices, hasSplits, periods, ...scope }: Scope,
  table: OriginTable,
  { lastDay }: OriginExtent,
): Promise<Inputs | null> {
  const ours = await ourLastDay({ tx, id, ...scope }, table);
  if (lastDay === null || ours === null || days === null) return null;
  const upTo = Math.min(lastDay, ours);
  const given = givenDays(prices, lastDay);
  const firstDay = Math.min(days.day[0] as number, given.day[0] ?? upTo, upTo);
  return {
    ...{ grid: { firstDay, length: upTo - firstDay + 1 }, periods, repaired, given, hasSplits },
    days: { ...days, length: indexAfter(days, upTo) },
  };
}

/** How far all of our series have come that a table may have. */
async function ourLastDay(
  { tx, id, timeframes }: Pick<Scope, 'tx' | 'id' | 'timeframes'>,
  table: OriginTable,
) {
  if (table.kind !== 'emas') return readOurLastDay(tx, id, null);
  const alignments =
    table.alignment === null ? [...new Set(timeframes.map((each) => each.alignment))] : [table.alignment];
  let last: Day | null = Number.POSITIVE_INFINITY;
  for (const alignment of alignments) {
    const day = await readOurLastDay(tx, id, alignment);
    last = day === null || last === null ? null : Math.min(last, day);
  }
  return last;
}

/** Theirs has rows of an asset of which ours has none: people would miss them. The other way round is said by upTo. */
function noteOneSided(tally: Tally, { rows }: OriginExtent): void {
  if (rows === 0) return;
  tally.table.theirs = rows;
  noteUnexplained(tally, { ...WHOLE, tf: '*', theirs: `${rows} rows`, ours: 'none' });
}

const WHOLE = { period: null, day: null, column: null, expected: null };

/** Series that ours does not have: who asks for them would find nothing. */
function noteForeign(
  scope: Scope,
  tally: Tally,
  { table, extent }: { table: OriginTable; extent: OriginExtent },
): void {
  const all = new Set(catalogueOf(scope, table).map((each) => nameOfSeries(table, each)));
  if (table.kind === 'daily') return;
  for (const name of [...extent.series].filter((each) => !all.has(each)).sort()) {
    const tf = seriesOfName(table, name)?.tf ?? name;
    if (scope.tfs !== null && !scope.tfs.includes(tf)) continue;
    noteUnexplained(tally, {
      ...{ ...WHOLE, tf: name, theirs: 'a series' },
      ours: 'none; dim_timeframe says which there are',
    });
  }
}

function judge(
  tally: Tally,
  {
    bench,
    inputs,
    table,
    series,
    timeframe,
  }: {
    bench: Workbench;
    inputs: Inputs;
    table: OriginTable;
    series: OriginSeries;
    timeframe: Timeframe | undefined;
  },
): void {
  if (timeframe === undefined) return;
  const { grid, periods } = inputs;
  const { revision, verdict } = bench.judge(timeframe);
  if (table.kind === 'emas')
    tally.table.notTheirs += bench.periods().filter((period) => period === null).length;
  noteSeries(tally, {
    ...{ tf: timeframe.tf, revision, verdict, sides: bench.sides, strays: series.strays },
    placeOf: (place) => ({
      day: grid.firstDay + (place % grid.length),
      period: table.kind === 'emas' ? (periods[Math.floor(place / grid.length)] ?? null) : null,
    }),
  });
}
