import { splitCells } from '../rows/records.js';
import type { Delimiter } from '../rows/rows.js';

/** In this order where several would do: numbers have commas in them. */
const DELIMITERS: readonly Delimiter[] = ['\t', ';', '|', ','];
/** A day, its time or none, and four prices: with fewer cells blanks stand within cells, and not between them. */
const FEWEST_BETWEEN_BLANKS = 5;
const LOOKED_AT = 50;
/** Fewer cells hold no day with its prices. */
const FEWEST_CELLS = 3;

/**
 * What stands between the cells of these lines: that which cuts the most of them into the same number of cells, and into
 * the most cells where several do; else blanks, where they do so; else that of the first line.
 */
export function findDelimiter(lines: readonly string[]): Delimiter {
  const looked = lines.slice(0, LOOKED_AT);
  let best: { delimiter: Delimiter; share: number; cells: number } | null = null;
  for (const delimiter of DELIMITERS) {
    const { cells, rows } = commonestWidth(looked, delimiter);
    const share = rows / looked.length;
    if (cells < FEWEST_CELLS) continue;
    const isBetter = best === null || share > best.share || (share === best.share && cells > best.cells);
    if (isBetter) best = { delimiter, share, cells };
  }
  if (best !== null && best.share >= 0.5) return best.delimiter;
  const blank = commonestWidth(looked, ' ');
  if (blank.cells >= FEWEST_BETWEEN_BLANKS && blank.rows > looked.length / 2) return ' ';
  const first = lines.find((line) => DELIMITERS.some((delimiter) => line.includes(delimiter))) ?? '';
  const counts = DELIMITERS.map((delimiter) => first.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ',';
}

/** How many cells the most of these lines have, and how many lines those are; of equally many the wider ones count. */
export function commonestWidth(
  lines: readonly string[],
  delimiter: Delimiter,
): { cells: number; rows: number } {
  const counts = new Map<number, number>();
  for (const record of splitCells(lines, delimiter)) {
    const width = Array.isArray(record) ? record.length : 0;
    counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  let commonest = { cells: 0, rows: 0 };
  for (const [cells, rows] of counts) {
    if (rows > commonest.rows || (rows === commonest.rows && cells > commonest.cells))
      commonest = { cells, rows };
  }
  return commonest;
}
