/** Bases of EMAs: the states of some days ago, from which a change of later days is computed (decision 115). */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import { BAR_CARRY_COLUMNS } from '../bars/bar-states.js';
import { idList } from '../copy/copy.js';
import type { StoredPart } from '../copy/differences.js';
import { DAILY_FACTS } from '../prices/daily-bases.js';
import { fortnightOf, hashOf, setAll, slotOf } from '../series/bases.js';
import { alignmentList, deletePairs } from '../series/series.js';
import type { Tx } from '../session/database.js';
import { EMA_CARRY_COLUMNS, type EmaCarryRow, readCarriesFrom } from './ema-states.js';

type Pair = Pick<EmaCarryRow, 'id' | 'alignment'>;

/**
 * Takes the rows of these assets and alignments as bases where the fortnight has none yet, before an append moves them. One
 * that waits for its repair, or of which a series lags, is none. Returns the rows that were written, by asset.
 */
export async function writeEmaBases(tx: Tx, pairs: readonly Pair[]): Promise<{ id: number }[]> {
  if (pairs.length === 0) return [];
  const columns = EMA_CARRY_COLUMNS;
  const rows = await tx.query<[number]>(
    `insert into ema_base as b (slot, hash, ${columns.join(', ')})
     select ${slotOf('c', 'watermark_day')}, ${hashOf('c', columns)}, ${columns.map((name) => `c.${name}`).join(', ')}
     from unnest($1::int[], $2::bar_alignment[]) w (id, alignment)
     join ema_carry c on c.id = w.id and c.alignment = w.alignment
     where c.watermark_day is not null and c.repair_from is null and cardinality(c.lag_tf) = 0
       and not exists (select from ema_base o where o.id = c.id and o.alignment = c.alignment
         and o.slot = ${slotOf('c', 'watermark_day')} and ${fortnightOf('o', 'watermark_day')} = ${fortnightOf('c', 'watermark_day')})
     on conflict (id, alignment, slot) do update set ${setAll(columns)} returning b.id`,
    [pairs.map(({ id }) => id), pairs.map(({ alignment }) => alignment)],
  );
  return rows.map(([id]) => ({ id }));
}

/** Of each asset and alignment the newest base before a day that is not damaged, by alignmentKey. */
export async function readEmaBases(
  tx: Tx,
  wanted: readonly { id: number; alignment: Alignment; beforeDay: Day }[],
): Promise<Map<string, EmaCarryRow>> {
  if (wanted.length === 0) return new Map();
  const ids = idList(wanted.map(({ id }) => id));
  const alignments = alignmentList(wanted.map(({ alignment }) => alignment));
  const days = idList(wanted.map(({ beforeDay }) => beforeDay));
  return readCarriesFrom(
    tx,
    `unnest(${ids}, ${alignments}, ${days}) w (id, alignment, day)
     cross join lateral (select * from ema_base b where b.id = w.id and b.alignment = w.alignment
       and b.watermark_day < date '1970-01-01' + w.day and b.hash = ${hashOf('b', EMA_CARRY_COLUMNS)}
       order by b.watermark_day desc limit 1) c`,
  );
}

/** The bases of one asset in one slot that are not damaged, by alignmentKey. */
export function readEmaBasesIn(tx: Tx, id: number, slot: number): Promise<Map<string, EmaCarryRow>> {
  return readCarriesFrom(
    tx,
    `unnest(${idList([id])}, ${idList([slot])}) w (id, slot)
     join ema_base c on c.id = w.id and c.slot = w.slot and c.hash = ${hashOf('c', EMA_CARRY_COLUMNS)}`,
  );
}

/** Bases of one asset whose hash is not that of their columns. */
export async function listDamagedBases(
  tx: Tx,
  id: number,
): Promise<{ table: 'daily_base' | 'bar_base' | 'ema_base'; alignment: Alignment | null }[]> {
  const damaged = (table: string, alignment: string, columns: readonly string[]) =>
    `select '${table}', ${alignment} from ${table} b where b.id = $1 and b.hash <> ${hashOf('b', columns)}`;
  const rows = await tx.query<['daily_base' | 'bar_base' | 'ema_base', Alignment | null]>(
    [
      damaged('daily_base', 'null', DAILY_FACTS),
      damaged('bar_base', 'b.alignment::text', BAR_CARRY_COLUMNS),
      damaged('ema_base', 'b.alignment::text', EMA_CARRY_COLUMNS),
    ].join(' union all '),
    [id],
  );
  return rows.map(([table, alignment]) => ({ table, alignment }));
}

/**
 * The points that are stored after these bases, of every series of dim_timeframe: after all points where the base has none.
 * OFFSET 0 keeps it one index range for each series.
 */
export function pointsAfter(bases: readonly EmaCarryRow[]): StoredPart {
  const ids = idList(bases.map(({ id }) => id));
  const alignments = alignmentList(bases.map(({ alignment }) => alignment));
  const days = idList(bases.map(({ asset }) => asset?.watermarkDay ?? Number.NaN));
  return `unnest(${ids}, ${alignments}, ${days}) w (id, alignment, day)
    join ema_base b on b.id = w.id and b.alignment = w.alignment and b.watermark_day = date '1970-01-01' + w.day
    join dim_timeframe d on d.alignment = b.alignment
    cross join lateral (
      select coalesce((select u.seq from unnest(b.tf, b.bar_seq) u (tf, seq) where u.tf = d.tf), 0) as seq) a
    cross join lateral (
      select * from ema_points p
      where p.id = b.id and p.alignment = b.alignment and p.tf = d.tf and p.bar_seq > a.seq offset 0) t`;
}

/** Deletes the bases of these assets and alignments. */
export async function deleteEmaBases(tx: Tx, pairs: readonly Pair[]): Promise<void> {
  await deletePairs(tx, 'ema_base', pairs);
}
