/** The origin's bars and EMAs held against ours, asset by asset and series by series; nothing is written. */
import type { BarTimeframe } from '../../domain/bars/snapshot.js';
import { type Day, formatDay } from '../../domain/calendar/day.js';
import { hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import { hasOtherWindows, type OriginAsset } from '../../domain/origin/rules.js';
import { parseSplits } from '../../domain/prices/split.js';
import { readPeriods, readTimeframes } from '../../storage/assets/dimensions.js';
import { readDays } from '../../storage/bars/daily-bars.js';
import { describeFailure, isCommonFailure } from '../../storage/failures/failures.js';
import {
  type ComparedRows,
  listBarDifferences,
  listDailyDifferences,
  listEmaDifferences,
  listOriginBars,
  listRawExtremes,
  type OriginExtent,
  readExtent,
  readOurLastDay,
} from '../../storage/origin/differences.js';
import { type OriginTable, type OriginTables, readOriginTables } from '../../storage/origin/tables.js';
import { readDailyStates } from '../../storage/planning/bar-facts.js';
import type { Database, Tx } from '../../storage/session/database.js';
import {
  type AssetComparison,
  findingOf,
  noteExplained,
  noteUnexplained,
  startTable,
  type Tally,
} from './comparison.js';
import {
  type Explain,
  explainBars,
  explainDays,
  explainEmas,
  explainGroupEmas,
  explainGroups,
} from './explain.js';

export interface CompareOptions {
  ids: readonly number[];
  /** Schema of their tables. */
  origin: string;
  /** null: all. */
  tfs: readonly string[] | null;
}

/** One asset in the snapshot that it is compared in. */
interface Scope {
  tx: Tx;
  id: number;
  result: AssetComparison;
  timeframes: readonly Timeframe[];
  periods: readonly number[];
  tfs: readonly string[] | null;
  asset: OriginAsset | null;
}

/**
 * Compares assets one after the other, each in a read-only snapshot of its own, one series at a time in memory. Emits
 * each; one that cannot be compared has an error. Returns the names of the tables of theirs that were found. Throws when
 * their tables cannot be read and when the database is lost.
 */
export async function compareAssets(
  database: Database,
  { ids, origin, tfs }: CompareOptions,
  emit: (comparison: AssetComparison) => void,
): Promise<string[]> {
  const tables = await database.read((tx) => readOriginTables(tx, origin));
  for (const id of ids) {
    const compare = (tx: Tx) => compareAsset(tx, { id, tables, tfs });
    emit(await database.read(compare).catch((error: unknown) => failedComparison(id, error)));
  }
  return [tables.daily, ...tables.bars.values(), ...tables.emas.values()].flatMap((table) =>
    table === null ? [] : [table.name],
  );
}

function failedComparison(id: number, error: unknown): AssetComparison {
  if (isCommonFailure(error)) throw error;
  return { id, tables: [], unexplained: 0, findings: [], error: describeFailure(error) };
}

async function compareAsset(
  tx: Tx,
  { id, tables, tfs }: { id: number; tables: OriginTables; tfs: readonly string[] | null },
): Promise<AssetComparison> {
  const result: AssetComparison = { id, tables: [], unexplained: 0, findings: [], error: null };
  const days = (await readDays(tx, [{ id, afterDay: null }])).get(id);
  const raw = (await listRawExtremes(tx, id)).map(({ day, ...row }): [Day, typeof row] => [day, row]);
  const splits = parseSplits((await readDailyStates(tx, [id])).get(id)?.splits ?? '');
  const asset: OriginAsset | null =
    days === undefined ? null : { days, raw: new Map(raw.map(nanForNull)), splits };
  const [timeframes, periods] = [await readTimeframes(tx), await readPeriods(tx)];
  const scope: Scope = { tx, id, result, timeframes, periods, tfs, asset };
  if (tables.daily !== null && isWanted(scope, '1D')) await compareDaily(scope, tables.daily);
  for (const [alignment, table] of tables.bars)
    await compareBars(
      scope,
      table,
      timeframes.filter(hasBars).filter((each) => each.alignment === alignment),
    );
  for (const [alignment, table] of tables.emas) {
    const catalogue = timeframes.filter((each) => each.alignment === alignment);
    const bars = [...tables.bars].find(([name]) => name === alignment)?.[1] ?? null;
    await compareEmas(scope, { table, bars }, catalogue);
  }
  return result;
}

type Given = Awaited<ReturnType<typeof listRawExtremes>>[number];

function nanForNull([day, { high, low, timeHighUs, timeLowUs }]: [Day, Omit<Given, 'day'>]) {
  const [nan, key] = [Number.NaN, day];
  const values = {
    ...{ high: high ?? nan, low: low ?? nan, timeHighUs: timeHighUs ?? nan, timeLowUs: timeLowUs ?? nan },
  };
  return [key, values] as const;
}

function isWanted({ tfs }: Scope, tf: string): boolean {
  return tfs === null || tfs.includes(tf);
}

/** The newest day that both sides have; null: one of them has nothing. */
function commonDay(tally: Tally, extent: OriginExtent, ours: Day | null): Day | null {
  if (extent.lastDay === null || ours === null) return null;
  const day = Math.min(extent.lastDay, ours);
  tally.table.upTo = formatDay(day);
  return day;
}

async function compareDaily(scope: Scope, table: OriginTable): Promise<void> {
  const { tx, id, result, asset } = scope;
  const extent = await readExtent(tx, table, { id, kind: 'daily' });
  const tally = startTable(result, table.name);
  const upTo = commonDay(tally, extent, await readOurLastDay(tx, id));
  if (upTo === null || asset === null) return noteOneSided(tally, extent, '1D');
  const rows = await listDailyDifferences(tx, table, { id, upTo });
  judge(tally, { table, tf: '1D', rows, explain: explainDays(asset, table.columns) });
}

/** Theirs has rows of an asset of which ours has none: people would miss them. The other way round is said by upTo. */
function noteOneSided(tally: Tally, { rows }: OriginExtent, tf: string): void {
  if (rows === 0 || tally.table.upTo !== null) return;
  tally.table.theirs = rows;
  noteUnexplained(tally, { tf, period: null, day: null, column: null, theirs: `${rows} rows`, ours: 'none' });
}

async function compareBars(
  scope: Scope,
  table: OriginTable,
  catalogue: readonly BarTimeframe[],
): Promise<void> {
  const { tx, id, result, asset } = scope;
  const wanted = catalogue.filter(({ tf }) => isWanted(scope, tf));
  const extent = await readExtent(tx, table, { id, kind: 'bars' });
  const theirs = wanted.filter(({ tf }) => extent.series.has(tf));
  const tally = startTable(result, table.name, wanted.length - theirs.length);
  const upTo = commonDay(tally, extent, await readOurLastDay(tx, id));
  if (upTo === null || asset === null) return noteOneSided(tally, extent, '*');
  noteForeign(scope, tally, [extent, new Set(catalogue.map(({ tf }) => tf))]);
  for (const timeframe of theirs) {
    const { alignment, tf } = timeframe;
    if (hasOtherWindows(timeframe)) {
      await judgeGroups({ scope, tally, table, timeframe, asset, upTo });
      continue;
    }
    const rows = await listBarDifferences(tx, table, { id, alignment, tf, upTo });
    judge(tally, { table, tf, rows, explain: explainBars(timeframe, asset, table.columns) });
  }
}

/** `bars`: their table with the bars of the same alignment. */
async function compareEmas(
  scope: Scope,
  { table, bars }: { table: OriginTable; bars: OriginTable | null },
  catalogue: readonly Timeframe[],
): Promise<void> {
  const { tx, id, result, asset, periods } = scope;
  const [alignment] = catalogue.map((each) => each.alignment);
  if (alignment === undefined) return;
  const extent = await readExtent(tx, table, { id, kind: 'emas' });
  const wanted = catalogue.filter(({ tf }) => isWanted(scope, tf));
  const namesOf = ({ tf }: Timeframe) => periods.map((period) => `${tf}:${period}`);
  const absent = wanted.flatMap(namesOf).filter((name) => !extent.series.has(name));
  const tally = startTable(result, table.name, absent.length);
  const upTo = commonDay(tally, extent, await readOurLastDay(tx, id, alignment));
  if (upTo === null || asset === null) return noteOneSided(tally, extent, '*');
  noteForeign(scope, tally, [extent, new Set(catalogue.flatMap(namesOf))]);
  for (const timeframe of wanted) {
    const { tf } = timeframe;
    const both = periods.filter((period) => extent.series.has(`${tf}:${period}`));
    if (both.length === 0) continue;
    const rows = await listEmaDifferences(tx, table, { id, alignment, tf, periods: both, upTo });
    const { columns } = table;
    if (hasOtherWindows(timeframe)) {
      const theirs = bars === null ? null : await listOriginBars(tx, bars, { id, tf, upTo });
      const explain = explainGroupEmas(timeframe, both, { asset, columns, bars: theirs });
      judge(tally, { table, tf, rows, explain });
    } else judge(tally, { table, tf, rows, explain: explainEmas(timeframe, both, { asset, columns }) });
  }
}

/** Series that ours does not have: whoever asks for them would find nothing. */
function noteForeign(scope: Scope, tally: Tally, [extent, known]: [OriginExtent, ReadonlySet<string>]): void {
  for (const name of [...extent.series].filter((each) => !known.has(each)).sort()) {
    const [tf = name, period] = name.split(':');
    if (!isWanted(scope, tf)) continue;
    noteUnexplained(tally, {
      ...{ tf, period: period === undefined ? null : Number(period), day: null, column: null },
      ...{ theirs: 'a series', ours: 'none; dim_timeframe and dim_period say which there are' },
    });
  }
}

interface Judged {
  table: OriginTable;
  tf: string;
  rows: ComparedRows;
  explain: Explain;
}

function judge(tally: Tally, { table, tf, rows, explain }: Judged): void {
  tally.table.theirs += rows.theirs;
  tally.table.ours += rows.ours;
  for (const row of rows.differing) {
    const names = explain(row);
    if (names === null) noteUnexplained(tally, findingOf(table, tf, row));
    else noteExplained(tally, names);
  }
}

interface Groups {
  scope: Scope;
  tally: Tally;
  table: OriginTable;
  timeframe: BarTimeframe;
  asset: OriginAsset;
  upTo: Day;
}

async function judgeGroups({ scope, tally, table, timeframe, asset, upTo }: Groups): Promise<void> {
  const { tf } = timeframe;
  const bars = await listOriginBars(scope.tx, table, { id: scope.id, tf, upTo });
  const explain = explainGroups(timeframe, asset);
  tally.table.theirs += bars.length;
  for (const bar of bars) {
    const names = explain(bar);
    if (names !== null) noteExplained(tally, names);
    else
      noteUnexplained(tally, {
        ...{ tf, period: null, day: formatDay(bar.day), column: null },
        ...{ theirs: 'a row that is no bar of its group of months', ours: 'bars of other windows' },
      });
  }
}
