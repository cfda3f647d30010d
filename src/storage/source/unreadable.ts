/** Which value of a source it is that cannot be read: column and day, for people. */
import type { Tx } from '../session/database.js';
import { OUR_COLUMNS } from './projection.js';
import { readApart } from './readable.js';
import { oneAsset, selectSource } from './select.js';
import type { Source } from './source.js';

/** Of a value that the server quotes. */
const MOST_SHOWN = 30;

/** Why the rows of an asset cannot be read, in a sentence: `error` is what came of it. */
export async function findUnreadable(
  tx: Tx,
  source: Source,
  { id, error }: { id: number; error: string },
): Promise<string> {
  const place = await findPlace(tx, source, id);
  const why = error.replaceAll(/"([^"]*)"/g, (quoted, value: string) =>
    value.length > MOST_SHOWN ? `"${value.slice(0, MOST_SHOWN)}…" (${value.length} characters)` : quoted,
  );
  return (
    `its source cannot be read${place === null ? '' : `, ${place.column} of ${place.day}`}: ${why}; ` +
    'correct that in the source, or read a view that leaves it out'
  );
}

/** The first day, in the order of time, on which a column fails; null: it is not a column that fails. */
async function findPlace(
  tx: Tx,
  source: Source,
  id: number,
): Promise<{ column: string; day: string } | null> {
  const rows = `(${selectSource(source, oneAsset('$1::int'))}) q`;
  const fails = async (what: string, params: readonly unknown[] = [id]) => {
    const read = () => tx.query(what, params).then(() => new Map<number, never>());
    return (await readApart(tx, [id], read)).unreadable.size > 0;
  };
  const days: string[] = [];
  // Columns that are not asked for are not computed: what fails here fails by its time or for the row as a whole.
  if (await fails(`select ts from ${rows}`)) return null;
  for (const [day] of await tx.query<[string]>(`select distinct ts::date::text from ${rows} order by 1`, [
    id,
  ]))
    days.push(day);
  for (const column of OUR_COLUMNS) {
    const until = `select count(${column}) from ${rows} where ts < $2::date + 1`;
    const newest = days.at(-1);
    if (newest === undefined || !(await fails(until, [id, newest]))) continue;
    let [low, high] = [0, days.length - 1];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (await fails(until, [id, days[middle]])) high = middle;
      else low = middle + 1;
    }
    return { column, day: days[low] as string };
  }
  return null;
}
