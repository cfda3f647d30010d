/** The top of a text file: lines above its header, the header, and what both contain. */
import type { SourceLine } from '../bytes/lines.js';
import { splitCells } from '../rows/records.js';
import type { Delimiter } from '../rows/rows.js';

export interface Top {
  /** null: the first line is a day. */
  readonly header: readonly string[] | null;
  /** Where the header stands, or the first line. */
  readonly number: number;
  /** Lines before the first day. */
  readonly lines: number;
  readonly facts: ReadonlyMap<string, string>;
}

interface Looking {
  readonly delimiter: Delimiter;
  /** How many cells most lines have. */
  readonly width: number;
  isHeader(cells: readonly string[]): boolean;
}

/** Finds the header among the first lines of a file. */
export function findTop(lines: readonly SourceLine[], looking: Looking): Top {
  const records = splitCells(
    lines.map(({ text }) => text),
    looking.delimiter,
  ).map((record) => (Array.isArray(record) ? record : []));
  // What stands below a day is no header: days above it would be ignored.
  const firstDay = records.findIndex((cells) => isLikeDay(cells, looking.width));
  const known = records.findIndex(
    (cells, index) => (firstDay === -1 || index < firstDay) && looking.isHeader(cells),
  );
  const at = known === -1 ? firstOfNames(records, looking.width) : known;
  const facts = new Map<string, string>();
  const titles = lines.slice(0, Math.max(at, 0)).map(({ text }) => text);
  if (titles.length > 0) facts.set('title', titles.join(' ').slice(0, 500));
  const header = records[at];
  const number = lines[Math.max(at, 0)]?.number ?? 1;
  if (header === undefined)
    return { header: null, number, lines: countTitles(records, looking.width), facts };
  const tickers = records[at + 1] ?? [];
  if (!isTickerLine(tickers, records[at + 2] ?? [])) return { header, number, lines: at + 1, facts };
  // yfinance: names of prices, then the ticker over each of them, then the name of the first column alone.
  const names = [...new Set(tickers.slice(1).filter((cell) => cell !== ''))];
  facts.set('tickers', names.join(','));
  return { header: [records[at + 2]?.[0] ?? 'Date', ...header.slice(1)], number, lines: at + 3, facts };
}

/** Whether cells are as many as in most lines, and mostly begin as numbers and dates do. */
function isLikeDay(cells: readonly string[], width: number): boolean {
  const numbers = cells.filter((cell) => /^[-+$€£.]*\d/.test(cell));
  return cells.length === width && numbers.length >= 4 && numbers.length >= width / 2;
}

function isTickerLine(tickers: readonly string[], names: readonly string[]): boolean {
  const isNameLine =
    /^(?:date|datetime)$/i.test(names[0] ?? '') && names.slice(1).every((cell) => cell === '');
  return (
    isNameLine &&
    /^(?:ticker|)$/i.test(tickers[0] ?? '-') &&
    tickers.some((cell, index) => index > 0 && cell !== '')
  );
}

/** The first line as wide as most that has no digit at the beginning of any cell, with one after it that has: unknown names. */
function firstOfNames(records: readonly (readonly string[])[], width: number): number {
  return records.findIndex(
    (cells, index) =>
      cells.length === width &&
      width >= 2 &&
      cells.every((cell) => !/^[-+$€£.]*\d/.test(cell)) &&
      (records[index + 1] ?? []).some((cell) => /^[-+$€£.]*\d/.test(cell)),
  );
}

/** Lines above the first that is as wide as most, where there is no header. */
function countTitles(records: readonly (readonly string[])[], width: number): number {
  return Math.max(
    0,
    records.findIndex((cells) => cells.length === width),
  );
}
