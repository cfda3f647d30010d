/** What EMAs continue from: ema_carry, one row for each asset and alignment, with a header and arrays over its series. */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { EmaAssetState, EmaState } from '../../domain/emas/series.js';
import { isSameSeries, timeframesOf } from '../bars/bar-states.js';
import { type CopyColumn, idList, readColumns, upsertRows } from '../copy/copy.js';
import { deleteSeriesBuilt, writeSeriesBuilt } from '../series/built.js';
import { alignmentList, byAlignment, deletePairs } from '../series/series.js';
import type { Tx } from '../session/database.js';

/** How far one series has come that lags behind its alignment: what the header holds for the others. */
export type EmaLag = Pick<
  EmaAssetState,
  'watermarkDay' | 'watermarkTsUs' | 'rowCount' | 'lastClose' | 'closeSum'
>;

/** The EMAs of one asset and alignment, and how far they have come. */
export interface EmaCarryRow {
  id: number;
  alignment: Alignment;
  /** null: the views show nothing of them. */
  asset: EmaAssetState | null;
  repairFrom: Day | null;
  /** By timeframe; a series without a single input (v2: without a value) has no entry. */
  series: Map<string, EmaState>;
  /** Series that have not come as far as `asset`, by timeframe. */
  lags: Map<string, EmaLag>;
  /** The series of the row as it was read, lagging ones too; left out: it was not. */
  before?: readonly string[];
}

const KEY = ['id', 'alignment'] as const;

/** A row as it is written: everything in the order of the timeframes' names. */
interface PackedCarry extends Pick<EmaCarryRow, 'id' | 'alignment' | 'asset' | 'repairFrom'> {
  tfs: readonly string[];
  states: readonly EmaState[];
  lagTfs: readonly string[];
  lags: readonly EmaLag[];
}

function pack({ series, lags, ...row }: EmaCarryRow): PackedCarry {
  const [tfs, lagTfs] = [timeframesOf(series), timeframesOf(lags)];
  return {
    ...row,
    tfs,
    states: tfs.map((tf) => series.get(tf) as EmaState),
    lagTfs,
    lags: lagTfs.map((tf) => lags.get(tf) as EmaLag),
  };
}

function joinValues(states: readonly EmaState[], field: 'ema' | 'emaBar'): Float64Array {
  const values = new Float64Array(states.reduce((sum, state) => sum + state[field].length, 0));
  let at = 0;
  for (const state of states) {
    values.set(state[field], at);
    at += state[field].length;
  }
  return values;
}

const COLUMNS: readonly CopyColumn<PackedCarry>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'alignment', type: 'text', get: ({ alignment }) => alignment },
  { name: 'watermark_day', type: 'date', get: ({ asset }) => asset?.watermarkDay },
  { name: 'watermark_ts', type: 'timestamptz', get: ({ asset }) => asset?.watermarkTsUs },
  { name: 'row_count', type: 'int4', get: ({ asset }) => asset?.rowCount },
  { name: 'last_close', type: 'float8', get: ({ asset }) => asset?.lastClose },
  { name: 'close_sum', type: 'float8', get: ({ asset }) => asset?.closeSum },
  { name: 'kernel_version', type: 'int4', get: ({ asset }) => asset?.kernelVersion },
  { name: 'periods', type: 'int4[]', get: ({ asset }) => asset?.periods },
  { name: 'repair_from', type: 'date', get: ({ repairFrom }) => repairFrom },
  { name: 'lag_tf', type: 'text?[]', get: ({ lagTfs }) => lagTfs },
  { name: 'lag_day', type: 'date?[]', get: ({ lags }) => lags.map((lag) => lag.watermarkDay) },
  { name: 'lag_ts', type: 'timestamptz?[]', get: ({ lags }) => lags.map((lag) => lag.watermarkTsUs) },
  { name: 'lag_rows', type: 'int4?[]', get: ({ lags }) => lags.map((lag) => lag.rowCount) },
  { name: 'lag_close', type: 'float8?[]', get: ({ lags }) => lags.map((lag) => lag.lastClose) },
  { name: 'lag_sum', type: 'float8?[]', get: ({ lags }) => lags.map((lag) => lag.closeSum) },
  { name: 'tf', type: 'text?[]', get: ({ tfs }) => tfs },
  { name: 'input_count', type: 'int4?[]', get: ({ states }) => states.map((state) => state.inputCount) },
  { name: 'bar_seq', type: 'int4?[]', get: ({ states }) => states.map((state) => state.barSeq) },
  { name: 'last_close_day', type: 'date?[]', get: ({ states }) => states.map((state) => state.lastCloseDay) },
  { name: 'input_sum', type: 'float8[]', get: ({ states }) => states.map((state) => state.closeSum) },
  { name: 'seeded', type: 'int4?[]', get: ({ states }) => states.map((state) => state.ema.length) },
  { name: 'ema', type: 'float8[]', get: ({ states }) => joinValues(states, 'ema') },
  { name: 'ema_bar', type: 'float8[]', get: ({ states }) => joinValues(states, 'emaBar') },
];

/** The header over the arrays of a row `s`, as plans read it. v2 and 1D take in no closed bars. */
export const EMA_HEADER = {
  names: ['series', 'series_hash', 'taken_bars'],
  select: `select count(*), coalesce(bit_xor(hashtextextended(u.tf, 0)), 0),
      coalesce(sum(u.bar_seq) filter (where s.alignment <> 'v2' and u.tf <> '1D'), 0)
    from unnest(s.tf, s.bar_seq) u (tf, bar_seq)`,
} as const;

/** The columns of ema_carry, and of ema_base after its own. */
export const EMA_CARRY_COLUMNS: readonly string[] = [...COLUMNS.map(({ name }) => name), ...EMA_HEADER.names];

/** The rows of these assets and alignments, by alignmentKey. */
export function readEmaCarries(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<Map<string, EmaCarryRow>> {
  return readCarriesFrom(
    tx,
    `ema_carry c where c.id = any(${idList(ids)}) and c.alignment = any(${alignmentList(alignments)})`,
  );
}

/** The rows that SQL after "from" gives as `c`, by alignmentKey. */
export async function readCarriesFrom(tx: Tx, from: string): Promise<Map<string, EmaCarryRow>> {
  return byAlignment(await readColumns(tx, from, { columns: COLUMNS, rowOf: carryOfCells }));
}

function carryOfCells(cells: readonly unknown[]): EmaCarryRow {
  const [id, alignment] = cells as [number, Alignment];
  const row: EmaCarryRow = {
    id,
    alignment,
    asset: assetOfCells(cells.slice(2, 9)),
    repairFrom: cells[9] as Day | null,
    lags: lagsOfCells(cells.slice(10, 16) as ArrayLike<unknown>[]),
    series: seriesOfCells({ id, alignment }, cells.slice(16)),
  };
  return { ...row, before: namesOf(row) };
}

function assetOfCells(cells: readonly unknown[]): EmaAssetState | null {
  const [watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum, kernelVersion, periods] = cells;
  if (watermarkDay === null) return null;
  return {
    ...{ watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum, kernelVersion, periods },
  } as EmaAssetState;
}

function lagsOfCells([tfs = [], day, ts, rows, close, sum]: readonly ArrayLike<unknown>[]): Map<
  string,
  EmaLag
> {
  const lagAt = (at: number) => ({
    watermarkDay: day?.[at],
    watermarkTsUs: ts?.[at],
    rowCount: rows?.[at],
    lastClose: close?.[at],
    closeSum: sum?.[at],
  });
  return new Map(Array.from(tfs, (tf, at) => [tf as string, lagAt(at) as EmaLag]));
}

function seriesOfCells(
  { id, alignment }: Pick<EmaCarryRow, 'id' | 'alignment'>,
  cells: readonly unknown[],
): Map<string, EmaState> {
  const [tfs, inputCount, barSeq, lastCloseDay, inputSum, seeded, ema, emaBar] = cells as [
    string[],
    number[],
    number[],
    Day[],
    Float64Array,
    number[],
    Float64Array,
    Float64Array,
  ];
  const values = seeded.reduce((sum, count) => sum + count, 0);
  const isWhole =
    [inputCount, barSeq, lastCloseDay, inputSum, seeded].every(({ length }) => length === tfs.length) &&
    ema.length === values &&
    emaBar.length === (alignment === 'v2' ? 0 : values);
  if (!isWhole)
    throw new Error(
      `id ${id}: the arrays of its ema_carry of ${alignment} have different lengths: type "barwright state rebuild --ids ${id}"`,
    );
  const series = new Map<string, EmaState>();
  let from = 0;
  tfs.forEach((tf, at) => {
    const to = from + (seeded[at] as number);
    series.set(tf, {
      inputCount: inputCount[at] as number,
      barSeq: barSeq[at] as number,
      lastCloseDay: lastCloseDay[at] as Day,
      closeSum: inputSum[at] as number,
      ema: ema.subarray(from, to),
      emaBar: emaBar.subarray(from, to),
    });
    from = to;
  });
  return series;
}

/** All series of a row, in the order of their names. */
function namesOf({ series, lags }: EmaCarryRow): string[] {
  return timeframesOf(new Map<string, unknown>([...series, ...lags]));
}

/** Whether nothing is left in a row. */
function isEmpty({ asset, series, lags }: EmaCarryRow): boolean {
  return asset === null && series.size === 0 && lags.size === 0;
}

/** Inserts or replaces rows, or deletes those with nothing in them; returns the rows that the database wrote or deleted, by asset. */
export async function upsertEmaCarries(tx: Tx, carries: readonly EmaCarryRow[]): Promise<{ id: number }[]> {
  const deleted = await deleteEmaCarries(tx, carries.filter(isEmpty));
  const left = carries.filter((carry) => !isEmpty(carry));
  const rows = left.map(pack);
  await writeSeriesBuilt(
    tx,
    'emas',
    left
      .filter((carry) => !isSameSeries(carry.before, namesOf(carry)))
      .map((carry) => ({ id: carry.id, alignment: carry.alignment, tfs: namesOf(carry) })),
  );
  if (rows.length === 0) return deleted;
  const written = await upsertRows(tx, 'ema_carry', { columns: COLUMNS, key: KEY, rows, header: EMA_HEADER });
  return [...deleted, ...written];
}

/** Deletes the rows of these assets and alignments; returns those that there were, by asset. */
export async function deleteEmaCarries(
  tx: Tx,
  pairs: readonly Pick<EmaCarryRow, 'id' | 'alignment'>[],
): Promise<{ id: number }[]> {
  if (pairs.length === 0) return [];
  await deleteSeriesBuilt(tx, 'emas', pairs);
  return deletePairs(tx, 'ema_carry', pairs);
}
