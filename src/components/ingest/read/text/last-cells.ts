/** Whether a last line without a line end was cut: its last cell may have lost its end, and still look like a number. */
import type { Delimiter } from '../rows/rows.js';

/** What the last cells of the lines so far have in common. */
export interface LastCells {
  /** Letters of the shortest. */
  readonly shortest: number;
  /** Digits after the point, where all have equally many; null: they differ, or some has no number. */
  readonly decimals: number | null;
}

/** Before the first line. */
export const NO_CELLS: LastCells = { shortest: Number.POSITIVE_INFINITY, decimals: null };

function lastCell(text: string, delimiter: Delimiter): string {
  return text.slice(text.lastIndexOf(delimiter) + 1);
}

function decimalsOf(cell: string): number | null {
  const number = /^\s*"?[-+]?\d+(?:[.,](\d+))?"?$/.exec(cell);
  return number === null ? null : (number[1]?.length ?? 0);
}

/** The same with one line more. */
export function addLastCell(before: LastCells, text: string, delimiter: Delimiter): LastCells {
  const length = text.length - text.lastIndexOf(delimiter) - 1;
  const isFirst = before.shortest === Number.POSITIVE_INFINITY;
  const isLooked = isFirst || before.decimals !== null;
  const decimals = isLooked ? decimalsOf(text.slice(text.length - length)) : null;
  // Nearly every line says nothing new, and there may be millions of them.
  if (!isFirst && length >= before.shortest && decimals === before.decimals) return before;
  return {
    shortest: Math.min(before.shortest, length),
    decimals: isFirst || before.decimals === decimals ? decimals : null,
  };
}

/**
 * A file that was cut nearly always ends in a line with too few cells. What is left is a last cell that lost its end.
 * cut: it is shorter than that of every line before, or has fewer decimals than all of them have. whole: it ends as a time,
 * a quote or as many decimals do. open: a number of any length, whose end is unknown.
 */
export function judgeEnd(text: string, delimiter: Delimiter, before: LastCells): 'whole' | 'cut' | 'open' {
  const cell = lastCell(text, delimiter);
  if (/z"?$/i.test(cell)) return 'whole';
  if (before.shortest !== Number.POSITIVE_INFINITY && cell.length < before.shortest) return 'cut';
  const decimals = decimalsOf(cell);
  if (before.decimals !== null && before.decimals > 0) {
    if (decimals === before.decimals) return 'whole';
    return (decimals ?? 0) < before.decimals ? 'cut' : 'open';
  }
  return decimals === null || /"$/.test(cell) ? 'whole' : 'open';
}
