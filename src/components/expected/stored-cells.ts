/** Single cells of stored rows, read without trust: a damaged one is shown as it is. */
import type { Day } from '../../domain/calendar/day.js';
import type { ColumnType } from '../../storage/copy/copy.js';
import { decodeCell, splitCells } from '../../storage/copy/decode.js';
import type { TableShape } from '../../storage/copy/differences.js';

/** The value of one column; null for NULL and for what cannot be read. */
export function storedCell(shape: TableShape<never>, bytes: Buffer, column: string): unknown {
  const at = shape.columns.findIndex(({ name }) => name === column);
  const cell = splitCells(bytes, at + 1)[at];
  return cell == null ? null : readCell(cell, shape.columns[at]?.type as ColumnType);
}

/** The value of a column of type date; null also where there is no row. */
export function storedDay(shape: TableShape<never>, bytes: Buffer | undefined, column: string): Day | null {
  return bytes === undefined ? null : (storedCell(shape, bytes, column) as Day | null);
}

/** The value of a cell; null for an array of a form that none of ours has. */
export function readCell(cell: Buffer, type: ColumnType): unknown {
  try {
    return decodeCell(cell, type);
  } catch {
    return null;
  }
}
