/** Headers of bar_carry and ema_carry that are not what their arrays make: none, unless something is broken. */
import type { Alignment } from '../../domain/calendar/timeframe.js';
import { BAR_HEADER } from '../bars/bar-states.js';
import type { Tx } from '../session/database.js';
import { EMA_HEADER } from './ema-states.js';

export interface WrongHeader {
  table: 'bar_carry' | 'ema_carry';
  alignment: Alignment;
  /** Header columns in parentheses, as the database writes a row. */
  stored: string;
  expected: string;
}

const HEADERS = { bar_carry: BAR_HEADER, ema_carry: EMA_HEADER } as const;

/** Wrong headers of one asset. Plans are made by them, so a wrong one hides work. */
export async function listWrongHeaders(tx: Tx, id: number): Promise<WrongHeader[]> {
  const rows = await tx.query<[WrongHeader['table'], Alignment, string, string]>(
    `${selectWrong('bar_carry')} union all ${selectWrong('ema_carry')}`,
    [id],
  );
  return rows.map(([table, alignment, stored, expected]) => ({ table, alignment, stored, expected }));
}

function selectWrong(table: WrongHeader['table']): string {
  const { names, select } = HEADERS[table];
  const of = (row: string) => `(${names.map((name) => `${row}.${name}`).join(', ')})`;
  return `select '${table}', s.alignment::text, ${of('s')}::text, ${of('h')}::text
    from ${table} s cross join lateral (${select}) h (${names.join(', ')})
    where s.id = $1 and ${of('s')} is distinct from ${of('h')}`;
}
