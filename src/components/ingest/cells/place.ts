/** The place of a record in its file, for people. */
import type { Container } from '../read/rows/rows.js';

/** "prices.csv line 12", "candles.json record 12": lines are counted from 1, records from 0. */
export function placeInFile(
  { path, container }: { path: string; container: Container },
  line: number,
): string {
  return `${path} ${container === 'csv' || container === 'ndjson' ? 'line' : 'record'} ${line}`;
}
