/**
 * Sums over an asset's series that are stored beside the states which they are about (sql/015). They are believed only
 * where nobody else has written those states since; elsewhere they are made from the states, which gives the same.
 */
import type { Day } from '../domain/day.js';
import { ALIGNMENTS, type Alignment, BAR_ALIGNMENTS } from '../domain/timeframe.js';
import type { Tx } from './database.js';
import { readJsonRows } from './json-rows.js';

/** The states that sums are about. */
export const SUMMED_TABLES = ['price_bars_state', 'ema_state'] as const;
type SummedTable = (typeof SUMMED_TABLES)[number];

/** The trigger that voids sums; a distributed table can have none, and then no sums are kept. */
export const SUMS_TRIGGER = 'series_sums_void';

/** Cells of a bar sum: hashes are 64-bit numbers in decimal. */
export type BarSumCells = [
  id: number,
  alignment: Alignment,
  series: number,
  seriesHash: string,
  closed: number,
  closedHash: string,
  oldestDay: Day | null,
  newestDay: Day | null,
  closedBars: number,
];

/** Cells of a sum over carries. */
export type CarrySumCells = [
  id: number,
  alignment: Alignment,
  series: number,
  seriesHash: string,
  takenBars: number,
];

export const BAR_COLUMNS = 'series, series_hash, closed, closed_hash, oldest_day, newest_day, closed_bars';
export const CARRY_COLUMNS = 'series, series_hash, taken_bars';

/** How they are read: 64 bits as text. */
export const BAR_CELLS =
  'series, series_hash::text, closed, closed_hash::text, oldest_day, newest_day, closed_bars::float8';
export const CARRY_CELLS = 'series, series_hash::text, taken_bars::float8';

/** Sums over price_bars_state rows `b`, in the order of BAR_COLUMNS. */
export const BAR_SUMS = `count(*), coalesce(bit_xor(hashtextextended(b.tf, 0)), 0), count(*) filter (where b.closed_seq > 0),
  coalesce(bit_xor(hashtextextended(b.tf, 0)) filter (where b.closed_seq > 0), 0),
  min(b.watermark_day), max(b.watermark_day), coalesce(sum(b.closed_seq), 0)`;

/** Sums over ema_state rows `e`, in the order of CARRY_COLUMNS. v2 and 1D take in no closed bars. */
export const CARRY_SUMS = `count(*), coalesce(bit_xor(hashtextextended(e.tf, 0)), 0),
  coalesce(sum(e.bar_seq) filter (where e.alignment <> 'v2' and e.tf <> '1D'), 0)`;

/**
 * Says that this transaction writes the sums of every asset whose states it writes; null where sums cannot be kept.
 * To be asked before the first write. What is returned is for writeBarSums and writeCarrySums.
 */
export async function writeSumsKept(tx: Tx): Promise<KeptSums | null> {
  const rows = await tx.query<[string, boolean]>(
    `select set_config('barwright.sums', 'kept', true), ${isVoidedByTriggers(...SUMMED_TABLES)}`,
  );
  return rows[0]?.[1] === true ? { tx } : null;
}

/** A transaction that has promised to keep the sums. */
export interface KeptSums {
  tx: Tx;
}

/** SQL for "writes to these states void their sums". */
function isVoidedByTriggers(...tables: readonly SummedTable[]): string {
  const names = tables.map((table) => `'${table}'`).join(', ');
  return `(select count(*) = ${tables.length} from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = current_schema() and c.relname in (${names})
      and t.tgname = '${SUMS_TRIGGER}' and t.tgenabled in ('O', 'A'))`;
}

/** SQL for the epoch of these states; null where nothing voids their sums. */
function epochOf(table: SummedTable): string {
  return `(select epoch from series_epoch where states = '${table}' and ${isVoidedByTriggers(table)})`;
}

/** The sums of these assets and alignments that can be believed. */
export function readKeptBarSums(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<BarSumCells[]> {
  return readJsonRows<BarSumCells>(
    tx,
    selectKept('price_bars_sum', {
      states: 'price_bars_state',
      cells: `series, series_hash::text, closed, closed_hash::text, oldest_day - date '1970-01-01',
        newest_day - date '1970-01-01', closed_bars`,
    }),
    [ids, alignments],
  );
}

/** The same of carries. */
export function readKeptCarrySums(
  tx: Tx,
  ids: readonly number[],
  alignments: readonly Alignment[],
): Promise<CarrySumCells[]> {
  return readJsonRows<CarrySumCells>(
    tx,
    selectKept('ema_sum', { states: 'ema_state', cells: 'series, series_hash::text, taken_bars' }),
    [ids, alignments],
  );
}

function selectKept(
  table: string,
  { states, cells }: { states: SummedTable; cells: string },
): { cells: string; from: string } {
  return {
    cells: `id, alignment, ${cells}`,
    from: `${table} where id = any($1) and alignment = any($2::bar_alignment[]) and epoch = ${epochOf(states)}`,
  };
}

/** Writes the sums of these assets as their bar states are now, in the transaction that wrote the states. */
export async function writeBarSums({ tx }: KeptSums, ids: readonly number[]): Promise<void> {
  await tx.execute(
    writeSums('price_bars_sum', {
      states: 'price_bars_state',
      columns: BAR_COLUMNS,
      sums: `select ${BAR_SUMS} from price_bars_state b where b.id = a.id and b.alignment = a.alignment`,
    }),
    [ids, BAR_ALIGNMENTS],
  );
}

/** Writes the sums of these assets as their carries are now. */
export async function writeCarrySums({ tx }: KeptSums, ids: readonly number[]): Promise<void> {
  await tx.execute(
    writeSums('ema_sum', {
      states: 'ema_state',
      columns: CARRY_COLUMNS,
      sums: `select ${CARRY_SUMS} from ema_state e where e.id = a.id and e.alignment = a.alignment`,
    }),
    [ids, ALIGNMENTS],
  );
}

/**
 * The row lock on the epoch makes whoever begins a new one wait for this transaction; one that began after its snapshot
 * ends it with a serialization failure, and it is done again. An asset without series has rows too: "none" is a sum.
 */
function writeSums(
  table: string,
  { states, columns, sums }: { states: SummedTable; columns: string; sums: string },
): string {
  const excluded = columns.replace(/\w+/g, 'excluded.$&');
  return `insert into ${table} as k (id, alignment, epoch, ${columns})
    select a.id, a.alignment, n.epoch, s.*
    from (select epoch from series_epoch where states = '${states}' for share) n
    cross join (select * from unnest($1::int[]) i (id) cross join unnest($2::bar_alignment[]) l (alignment)) a
    cross join lateral (${sums} offset 0) s
    on conflict (id, alignment) do update set (epoch, ${columns}) = (excluded.epoch, ${excluded})
    where (k.epoch, ${columns.replace(/\w+/g, 'k.$&')}) is distinct from (excluded.epoch, ${excluded})`;
}

/** A sum that would be believed and is not what the states make. */
export interface WrongSum {
  table: 'price_bars_sum' | 'ema_sum';
  alignment: Alignment;
  /** The sums in parentheses, as the database writes a row. */
  stored: string;
  expected: string;
}

/** Wrong sums of one asset: none, unless something is broken. */
export async function listWrongSums(tx: Tx, id: number): Promise<WrongSum[]> {
  const wrong = await tx.query<[WrongSum['table'], Alignment, string, string]>(
    `${selectWrong('price_bars_sum', { states: 'price_bars_state', columns: BAR_COLUMNS, sums: BAR_SUMS, row: 'b' })}
     union all
     ${selectWrong('ema_sum', { states: 'ema_state', columns: CARRY_COLUMNS, sums: CARRY_SUMS, row: 'e' })}`,
    [id],
  );
  return wrong.map(([table, alignment, stored, expected]) => ({ table, alignment, stored, expected }));
}

/** Deletes what listWrongSums found, so that the next plan looks at the states. */
export async function deleteWrongSums(tx: Tx, id: number, wrong: readonly WrongSum[]): Promise<void> {
  for (const { table, alignment } of wrong) {
    await tx.execute(`delete from ${table} where id = $1 and alignment = $2::bar_alignment`, [id, alignment]);
  }
}

function selectWrong(
  table: WrongSum['table'],
  { states, columns, sums, row }: { states: SummedTable; columns: string; sums: string; row: string },
): string {
  const of = (name: string) => `(${columns.replace(/\w+/g, `${name}.$&`)})`;
  return `select '${table}', k.alignment::text, ${of('k')}::text, ${of('s')}::text
     from ${table} k
     cross join lateral (
       select ${sums} from ${states} ${row} where ${row}.id = k.id and ${row}.alignment = k.alignment) s (${columns})
     where k.id = $1 and k.epoch = ${epochOf(states)} and ${of('k')} is distinct from ${of('s')}`;
}
