import type { StagedPrice } from '../../storage/price-ingest.js';
import type { Header, SourceColumn } from './header.js';
import type { SourceLine } from './lines.js';
import { type BadLine, emptyPrice, MOST_CHARACTERS } from './price-source.js';
import { type BrokenLine, splitCells } from './records.js';

export interface ParsedLines {
  readonly prices: StagedPrice[];
  readonly bad: BadLine[];
}

export interface ParseContext {
  readonly header: Header;
  readonly id: number;
  /** The line before the first of these, if there is one: it shows how long a whole line is. */
  readonly previous: SourceLine | null;
}

/** Turns lines into prices of asset `id`, in the order of the file. Judging prices is not done here (semantics.md §2). */
export function parsePrices(lines: readonly SourceLine[], context: ParseContext): ParsedLines {
  const prices: StagedPrice[] = [];
  const bad: BadLine[] = [];
  const records = splitCells(
    lines.map((line) => line.text),
    context.header.separator,
  );
  for (const [index, line] of lines.entries()) {
    const cells = records[index] ?? { expected: 'a line with cells' };
    const found = isCut(line, context) ? cutLine(line) : parsePrice(line, cells, context);
    if ('expected' in found) bad.push(found);
    else prices.push(found);
  }
  return { prices, bad };
}

function parsePrice(
  line: SourceLine,
  cells: readonly string[] | BrokenLine,
  { header, id }: ParseContext,
): StagedPrice | BadLine {
  if (!isCells(cells)) return badLine(line, null, { value: line.text, expected: cells.expected });
  const { columns, separator } = header;
  if (cells.length !== columns.length) {
    const value = `${cells.length} cells: ${line.text}`;
    return badLine(line, null, { value, expected: `${columns.length} cells separated by "${separator}"` });
  }
  const price = emptyPrice(id, line.number);
  for (const [index, column] of columns.entries()) {
    const value = cells[index] ?? '';
    if (!column.read(price, value)) return badLine(line, column, { value, expected: column.expected });
  }
  return price;
}

/**
 * A file that was cut nearly always ends in a line with too few cells, or in a time without its "Z". What is left is
 * a time without a zone that lost its last digits ("…59.99" of "…59.999"): it is shorter than the one before it.
 */
function isCut(line: SourceLine, { header, previous }: ParseContext): boolean {
  if (!line.isUnterminated || previous === null || header.columns.at(-1)?.isTimestamp !== true) return false;
  const lastCell = (text: string) => text.slice(text.lastIndexOf(header.separator) + 1);
  const cell = lastCell(line.text);
  return cell.length < lastCell(previous.text).length && !/z"?$/i.test(cell);
}

function cutLine(line: SourceLine): BadLine {
  const expected = 'the rest of the line: the file ends in the middle of it (no line end)';
  return badLine(line, null, { value: line.text, expected });
}

function isCells(cells: readonly string[] | BrokenLine): cells is readonly string[] {
  return Array.isArray(cells);
}

function badLine(
  line: SourceLine,
  column: SourceColumn | null,
  { value, expected }: { value: string; expected: string },
): BadLine {
  const cut = value.length > MOST_CHARACTERS ? `${value.slice(0, MOST_CHARACTERS)}…` : value;
  return { line: line.number, column: column?.name ?? null, value: cut, expected };
}
