/** Differences of rows, put into words with their place. */
import { formatDay } from '../../domain/calendar/day.js';
import type { Finding } from '../../domain/validation/difference.js';
import type { ColumnType } from '../../storage/copy/copy.js';
import { splitCells } from '../../storage/copy/decode.js';
import {
  differingCells,
  encodeRow,
  type RowDifference,
  type TableShape,
} from '../../storage/copy/differences.js';
import { SHAPES, type StoredAsset, seriesOfRow, type TableName } from '../expected/stored-asset.js';
import { readCell, storedCell } from '../expected/stored-cells.js';

/** The column that says what day a row is about. */
const DAY_COLUMNS: Record<TableName, string> = {
  daily: 'timestamp',
  rejects: 'timestamp',
  bars: 'last_day',
  barStates: 'watermark_day',
  emaAssets: 'watermark_day',
  lags: 'watermark_day',
  emaStates: 'last_close_day',
  points: 'day',
};
const NUMBERED: readonly TableName[] = ['daily', 'bars', 'points'];
const DAY_US = 86_400_000_000;

/** A difference as bytes, with where it is. */
export interface PlacedDifference {
  name: TableName;
  kind: Finding['kind'];
  series: string;
  barSeq: number;
  stored: Buffer | null;
  expected: Buffer | null;
}

/** Finds the place of a difference. */
export function placeDifference<T>(name: TableName, difference: RowDifference<T>): PlacedDifference {
  const shape = SHAPES[name] as unknown as TableShape<T>;
  const { kind, bytes: stored } = difference;
  const expected = difference.expected === null ? null : encodeRow(shape, difference.expected);
  const row = stored ?? expected ?? Buffer.alloc(2);
  const barSeq = NUMBERED.includes(name) ? (storedCell(shape, row, 'bar_seq') as number) : 0;
  return { name, kind, series: seriesOfRow(name, row), barSeq, stored, expected };
}

/** Puts a difference into words. */
export function describeDifference(placed: PlacedDifference, asset: StoredAsset): Finding {
  const { name, kind, series, barSeq, stored, expected } = placed;
  const shape: TableShape<never> = SHAPES[name];
  const row = stored ?? expected ?? Buffer.alloc(2);
  return {
    table: shape.table,
    series: series === '' ? null : series,
    barSeq: NUMBERED.includes(name) ? barSeq : null,
    day: dayOf(storedCell(shape, row, DAY_COLUMNS[name]), name),
    kind,
    ...NO_VALUES,
    ...(name === 'rejects' && { column: String(storedCell(shape, row, 'reason')) }),
    ...(stored !== null && expected !== null && describeCell(placed, { stored, expected, asset })),
  };
}

const NO_VALUES = { column: null, stored: null, expected: null, remark: null };

function dayOf(value: unknown, name: TableName): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return null;
  return formatDay(name === 'daily' || name === 'rejects' ? Math.floor(value / DAY_US) : value);
}

/** The first column that differs, and what else does. */
function describeCell(
  { name, series }: PlacedDifference,
  { stored, expected, asset }: { stored: Buffer; expected: Buffer; asset: StoredAsset },
): Pick<Finding, 'column' | 'stored' | 'expected' | 'remark'> {
  const { columns }: TableShape<never> = SHAPES[name];
  const differing = differingCells(stored, expected);
  const at = differing[0] ?? 0;
  const type = columns[at]?.type as ColumnType;
  const [before, after] = [stored, expected].map((bytes) => {
    const cell = splitCells(bytes)[at];
    return cell == null ? null : (readCell(cell, type) ?? `unreadable: ${cell.toString('hex')}`);
  });
  const others = differing.slice(1).map((column) => columns[column]?.name);
  const also = others.length === 0 ? [] : [`also ${others.join(', ')}`];
  const element = firstElement(before, after);
  if (element === null) {
    return {
      column: columns[at]?.name ?? null,
      stored: formatValue(before, type),
      expected: formatValue(after, type),
      remark: also.join() || null,
    };
  }
  const period = type === 'float8[]' ? periodAt(asset, series, element) : null;
  return {
    column: `${columns[at]?.name}[${element + 1}]`,
    stored: formatValue((before as number[])[element], 'float8'),
    expected: formatValue((after as number[])[element], 'float8'),
    remark: [...(period === null ? [] : [`period ${period}`]), ...also].join(', ') || null,
  };
}

/** Index of the first element in which two arrays of one length differ; null: they are not two such. */
function firstElement(a: unknown, b: unknown): number | null {
  if (!isArray(a) || !isArray(b) || a.length !== b.length) return null;
  for (let index = 0; index < a.length; index += 1) if (!Object.is(a[index], b[index])) return index;
  return null;
}

function isArray(value: unknown): value is ArrayLike<number> {
  return Array.isArray(value) || value instanceof Float64Array;
}

function periodAt({ emaAssets }: StoredAsset, series: string, element: number): number | null {
  const row = emaAssets.bySeries.get(series.split(' ')[0] ?? '')?.[0];
  const periods = row === undefined ? null : storedCell(SHAPES.emaAssets, row, 'periods');
  return isArray(periods) ? (periods[element] ?? null) : null;
}

function formatValue(value: unknown, type: ColumnType): string | null {
  if (value === null || value === undefined) return null;
  if (isArray(value)) return `${value.length} elements {${Array.from(value).join(', ')}}`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value !== 'number') return String(value);
  if (Object.is(value, -0)) return '-0';
  if (type === 'date') return formatDay(value);
  return type === 'timestamptz' ? formatTime(value) : String(value);
}

function formatTime(us: number): string {
  if (!Number.isFinite(us)) return us > 0 ? 'infinity' : '-infinity';
  const ms = Math.floor(us / 1000);
  const rest = us - ms * 1000;
  return new Date(ms).toISOString().replace('Z', rest === 0 ? 'Z' : `${String(rest).padStart(3, '0')}Z`);
}
