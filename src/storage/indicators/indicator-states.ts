/** What indicators continue from: indicator_carry, one row for each asset and alignment (decision 114). */
import type { Day } from '../../domain/calendar/day.js';
import type { BarAlignment } from '../../domain/calendar/timeframe.js';
import type { IndicatorSet, ShownOutput } from '../../domain/indicators/set.js';
import { lengthOfState } from '../../domain/indicators/set.js';
import { isSameSeries, timeframesOf } from '../bars/bar-states.js';
import { type CopyColumn, idList, readColumns, readRows, upsertRows } from '../copy/copy.js';
import type { TableShape } from '../copy/differences.js';
import { deleteSeriesBuilt, writeSeriesBuilt } from '../series/built.js';
import { alignmentKey, alignmentList, byAlignment, deletePairs } from '../series/series.js';
import type { Tx } from '../session/database.js';

/** One series: how far it has come, its newest values, and what it continues from. */
export interface IndicatorSeriesState {
  /** Number of the newest closed bar taken in, 0: none. */
  barSeq: number;
  /** Closed bars taken in. Fewer, where a window had no day. */
  bars: number;
  takenDay: Day;
  /** null: no bar has closed yet. */
  closeDay: Day | null;
  /** At the newest close, and as if the open bar closed now. NaN: none (stored as NULL). */
  values: Float64Array;
  preview: Float64Array;
  numbers: Float64Array;
}

/** The indicators of one asset and alignment. */
export interface IndicatorCarryRow {
  id: number;
  alignment: BarAlignment;
  /** Name and version of each indicator, and what people are shown of the values. */
  identities: readonly string[];
  outputs: readonly ShownOutput[];
  watermarkDay: Day | null;
  repairFrom: Day | null;
  /** By timeframe. */
  series: Map<string, IndicatorSeriesState>;
  /** Timeframes of the row that this one was read from; left out: it was not read. */
  before?: readonly string[];
}

/** A row as it is written: series in the order of their timeframes' names. */
interface PackedCarry extends Omit<IndicatorCarryRow, 'series' | 'before'> {
  tfs: readonly string[];
  states: readonly IndicatorSeriesState[];
}

function pack({ series, before: _, ...row }: IndicatorCarryRow): PackedCarry {
  const tfs = timeframesOf(series);
  return { ...row, tfs, states: tfs.map((tf) => series.get(tf) as IndicatorSeriesState) };
}

function joinNumbers(
  states: readonly IndicatorSeriesState[],
  field: 'values' | 'preview' | 'numbers',
): Float64Array {
  const joined = new Float64Array(states.reduce((sum, state) => sum + state[field].length, 0));
  let at = 0;
  for (const state of states) {
    joined.set(state[field], at);
    at += state[field].length;
  }
  return joined;
}

const isBigEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 0;

/** Doubles as their bytes, little-endian: to the bit what they are, which an array column does not keep of -0. */
function bytesOfNumbers(numbers: Float64Array): Buffer {
  const bytes = Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength);
  return isBigEndian ? Buffer.from(bytes).swap64() : bytes;
}

function numbersOfBytes(bytes: Buffer): Float64Array {
  const copy = Buffer.from(new ArrayBuffer(bytes.length));
  bytes.copy(copy);
  if (isBigEndian) copy.swap64();
  return new Float64Array(copy.buffer, copy.byteOffset, Math.floor(copy.length / 8));
}

const COLUMNS: readonly CopyColumn<PackedCarry>[] = [
  { name: 'id', type: 'int4', get: ({ id }) => id },
  { name: 'alignment', type: 'text', get: ({ alignment }) => alignment },
  { name: 'watermark_day', type: 'date', get: ({ watermarkDay }) => watermarkDay },
  { name: 'repair_from', type: 'date', get: ({ repairFrom }) => repairFrom },
  { name: 'indicators', type: 'text?[]', get: ({ identities }) => identities },
  { name: 'output', type: 'text?[]', get: ({ outputs }) => outputs.map(({ name }) => name) },
  { name: 'output_of', type: 'int4?[]', get: ({ outputs }) => outputs.map(({ of }) => of) },
  { name: 'output_plus', type: 'int4?[]', get: ({ outputs }) => outputs.map(({ plus }) => plus) },
  { name: 'tf', type: 'text?[]', get: ({ tfs }) => tfs },
  { name: 'bar_seq', type: 'int4?[]', get: ({ states }) => states.map(({ barSeq }) => barSeq) },
  { name: 'bars', type: 'int4?[]', get: ({ states }) => states.map(({ bars }) => bars) },
  { name: 'taken_day', type: 'date?[]', get: ({ states }) => states.map(({ takenDay }) => takenDay) },
  { name: 'close_day', type: 'date?[]', get: ({ states }) => states.map(({ closeDay }) => closeDay) },
  { name: 'valued', type: 'int4?[]', get: ({ states }) => states.map(({ values }) => values.length) },
  { name: 'value', type: 'float8|null[]', get: ({ states }) => joinNumbers(states, 'values') },
  { name: 'previewed', type: 'int4?[]', get: ({ states }) => states.map(({ preview }) => preview.length) },
  { name: 'preview', type: 'float8|null[]', get: ({ states }) => joinNumbers(states, 'preview') },
  { name: 'state', type: 'bytea', get: ({ states }) => bytesOfNumbers(joinNumbers(states, 'numbers')) },
];

/** The header over the arrays of a row `s`, as plans read it. */
const INDICATOR_HEADER = {
  names: ['series', 'series_hash', 'taken_bars', 'day_sum'],
  select: `select count(*), coalesce(bit_xor(hashtextextended(u.tf, 0)), 0), coalesce(sum(u.bar_seq), 0),
      coalesce(sum(u.taken_day - date '1970-01-01'), 0)
    from unnest(s.tf, s.bar_seq, s.taken_day) u (tf, bar_seq, taken_day)`,
} as const;

/**
 * The rows of these assets and alignments that were written for this set, by alignmentKey. Throws on a row whose arrays
 * do not fit each other.
 */
export async function readIndicatorCarries(
  tx: Tx,
  { ids, alignments }: { ids: readonly number[]; alignments: readonly BarAlignment[] },
  set: IndicatorSet,
): Promise<Map<string, IndicatorCarryRow>> {
  const carries = await readColumns(
    tx,
    `indicator_carry c where c.id = any(${idList(ids)}) and c.alignment = any(${alignmentList(alignments)})`,
    { columns: COLUMNS, rowOf: (cells) => carryOfCells(cells, set) },
  );
  return byAlignment(carries);
}

function carryOfCells(cells: readonly unknown[], set: IndicatorSet): IndicatorCarryRow {
  const [id, alignment, watermarkDay, repairFrom, identities] = cells as [
    number,
    BarAlignment,
    Day | null,
    Day | null,
    string[],
  ];
  const row = { id, alignment, watermarkDay, repairFrom, identities, outputs: set.outputs };
  const series = seriesOfCells(cells.slice(COLUMNS.findIndex(({ name }) => name === 'tf')), set);
  if (series === null)
    throw new Error(
      `id ${id}: the arrays of its indicator_carry of ${alignment} do not fit each other: type "barwright state rebuild --ids ${id}"`,
    );
  return { ...row, series, before: [...series.keys()] };
}

/** null: the lengths do not fit each other. */
function seriesOfCells(
  cells: readonly unknown[],
  set: IndicatorSet,
): Map<string, IndicatorSeriesState> | null {
  const [tfs, barSeq, bars, takenDay, closeDay, valued, value, previewed, preview, state] = cells as [
    string[],
    number[],
    number[],
    Day[],
    (Day | null)[],
    number[],
    Float64Array,
    number[],
    Float64Array,
    Buffer,
  ];
  const numbers = numbersOfBytes(state);
  const series = new Map<string, IndicatorSeriesState>();
  const at = { value: 0, preview: 0, state: 0 };
  for (const [index, tf] of tfs.entries()) {
    const length = lengthOfState(set, bars[index] ?? 0);
    series.set(tf, {
      barSeq: barSeq[index] as number,
      bars: bars[index] as number,
      takenDay: takenDay[index] as Day,
      closeDay: closeDay[index] ?? null,
      values: value.subarray(at.value, at.value + (valued[index] ?? 0)),
      preview: preview.subarray(at.preview, at.preview + (previewed[index] ?? 0)),
      numbers: numbers.subarray(at.state, at.state + length),
    });
    at.value += valued[index] ?? 0;
    at.preview += previewed[index] ?? 0;
    at.state += length;
  }
  const isWhole =
    [barSeq, bars, takenDay, closeDay, valued, previewed].every(({ length }) => length === tfs.length) &&
    at.value === value.length &&
    at.preview === preview.length &&
    at.state * 8 === state.length;
  return isWhole ? series : null;
}

/** Inserts or replaces rows, or deletes those without series; returns the rows that were written or deleted, by asset. */
export async function upsertIndicatorCarries(
  tx: Tx,
  carries: readonly IndicatorCarryRow[],
): Promise<{ id: number }[]> {
  const empty = carries.filter(({ series }) => series.size === 0);
  const rows = carries.filter(({ series }) => series.size > 0).map(pack);
  await deleteSeriesBuilt(tx, 'indicators', empty);
  const isOther = ({ series, before }: IndicatorCarryRow) => !isSameSeries(before, [...series.keys()]);
  await writeSeriesBuilt(tx, 'indicators', carries.filter(isOther).map(pack).filter(hasSeries));
  const gone = await deletePairs(tx, 'indicator_carry', empty);
  if (rows.length === 0) return gone;
  const written = await upsertRows(tx, 'indicator_carry', {
    columns: COLUMNS,
    key: ['id', 'alignment'],
    rows,
    header: INDICATOR_HEADER,
  });
  return [...gone, ...written];
}

function hasSeries({ tfs }: PackedCarry): boolean {
  return tfs.length > 0;
}

/** Timeframes of the series that rows hold, whatever set they were written for, by alignmentKey. */
export async function readStoredSeries(
  tx: Tx,
  { ids, alignments }: { ids: readonly number[]; alignments: readonly BarAlignment[] },
): Promise<Map<string, string[]>> {
  const rows = await tx.query<[number, BarAlignment, string[]]>(
    `select id, alignment::text, tf from indicator_carry
     where id = any($1) and alignment = any($2::bar_alignment[])`,
    [ids, alignments],
  );
  return new Map(rows.map(([id, alignment, tfs]) => [alignmentKey(id, alignment), tfs]));
}

/** How far the indicators of one asset and alignment have come, without what they continue from. */
export interface IndicatorReach extends Omit<IndicatorCarryRow, 'series' | 'before' | 'outputs' | 'id'> {
  series: Map<string, { day: Day; barSeq: number }>;
  /** The header is not what the arrays make: plans go by it. */
  isHeaderWrong: boolean;
}

/** Of every alignment that has a row. */
export function readIndicatorReach(tx: Tx, id: number): Promise<IndicatorReach[]> {
  return readRows(
    tx,
    {
      select: `select s.alignment, s.watermark_day, s.repair_from, s.indicators, s.tf, s.taken_day, s.bar_seq,
         (s.series, s.series_hash, s.taken_bars, s.day_sum) is distinct from
           (h.series, h.series_hash, h.taken_bars, h.day_sum)
       from indicator_carry s
       cross join lateral (${INDICATOR_HEADER.select}) h (${INDICATOR_HEADER.names.join(', ')})
       where s.id = any(${idList([id])}) order by s.alignment`,
      types: ['text', 'date', 'date', 'text?[]', 'text?[]', 'date?[]', 'int4?[]', 'bool'],
    },
    (cells) => {
      const [alignment, watermarkDay, repairFrom, identities, tfs, days, seqs, isHeaderWrong] = cells as [
        ...[BarAlignment, Day | null, Day | null, string[], string[], Day[], number[], boolean],
      ];
      return {
        ...{ alignment, watermarkDay, repairFrom, identities, isHeaderWrong },
        series: new Map(tfs.map((tf, at) => [tf, { day: days[at] ?? 0, barSeq: seqs[at] ?? 0 }])),
      };
    },
  );
}

/** Rows, for comparison. */
export const INDICATOR_CARRY_SHAPE: TableShape<PackedCarry> = {
  table: 'indicator_carry',
  columns: COLUMNS,
  keyTypes: ['int', 'bar_alignment'],
};

/** A row in the form in which it is compared. */
export const packIndicatorCarry = pack;
