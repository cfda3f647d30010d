/** The single series behind EMA facts: asked for only where the sums (headers of carries) leave something open. */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';

/** Which series are looked at. */
export interface Wanted {
  ids: readonly number[];
  alignments: readonly Alignment[];
  /** Timeframes asked for; null = all. */
  tfs: readonly string[] | null;
}

/** How far the bar series of an asset and alignment have come; null: none of them is built. */
export interface BarWatermarks {
  newest: Day | null;
  newestAsked: Day | null;
  /** They have not all come equally far. */
  isUneven: boolean;
}

/** No entry where no timeframe with bars is asked for: v2, and multi_tf 1D alone. */
export async function readBarWatermarks(
  tx: Tx,
  { ids, alignments, tfs }: Wanted,
): Promise<Map<string, BarWatermarks>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, Alignment, Day | null, Day | null, boolean]>(
    `select a.id, t.alignment::text, max(b.watermark_day), max(b.watermark_day) filter (where t.is_asked),
       min(b.watermark_day) is distinct from max(b.watermark_day) or count(b.id) < count(*)
     from unnest($1::int[]) a (id)
     join (select alignment, tf, $3::text[] is null or tf = any($3) as is_asked from dim_timeframe
           where alignment = any($2::bar_alignment[]) and alignment <> 'v2' and tf <> '1D') t on true
     left join price_bars_state b on b.id = a.id and b.alignment = t.alignment and b.tf = t.tf
     group by a.id, t.alignment having bool_or(t.is_asked)`,
    [ids, alignments, tfs],
  );
  return new Map(
    rows.map(([id, alignment, newest, newestAsked, isUneven]) => [
      `${id} ${alignment}`,
      { newest, newestAsked, isUneven },
    ]),
  );
}

/** Per asset and alignment: for each series with closed bars that its carry has not taken in, the day of the first. */
export async function readPendingSeries(
  tx: Tx,
  { ids, alignments, tfs }: Wanted,
): Promise<Map<string, Day[]>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, Alignment, Day]>(
    `select b.id, b.alignment::text, p.last_day
     from price_bars_state b
     join dim_timeframe t on t.alignment = b.alignment and t.tf = b.tf
     left join ema_state e on e.id = b.id and e.alignment = b.alignment and e.tf = b.tf
     cross join lateral (
       select p.last_day from price_bars p
       where p.id = b.id and p.alignment = b.alignment and p.tf = b.tf and p.bar_seq > coalesce(e.bar_seq, 0)
       order by p.bar_seq limit 1) p
     where b.id = any($1) and b.alignment = any($2::bar_alignment[]) and b.closed_seq > coalesce(e.bar_seq, 0)
       and ($3::text[] is null or b.tf = any($3))`,
    [ids, alignments, tfs],
  );
  const pending = new Map<string, Day[]>();
  for (const [id, alignment, day] of rows) push(pending, `${id} ${alignment}`, day);
  return pending;
}

/** Per asset and alignment: series fed by 1D rows alone (multi_tf 1D, v2) that should have a carry and have none. */
export async function readUnbuiltSeries(
  tx: Tx,
  { ids, alignments, tfs }: Wanted,
  shortestPeriod: number | null,
): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, Alignment, number]>(
    `select s.id, s.alignment::text, count(*)
     from ema_asset_state s
     join dim_timeframe t on t.alignment = s.alignment and (s.alignment = 'v2' or t.tf = '1D')
     where s.id = any($1) and s.alignment = any($2::bar_alignment[]) and s.alignment in ('multi_tf', 'v2')
       and ($3::text[] is null or t.tf = any($3))
       and s.row_count >= case when s.alignment = 'v2' then t.tf_days::bigint * $4::int else 1 end
       and not exists (
         select from ema_state e where e.id = s.id and e.alignment = t.alignment and e.tf = t.tf)
     group by s.id, s.alignment`,
    [ids, alignments, tfs, shortestPeriod],
  );
  return new Map(rows.map(([id, alignment, count]) => [`${id} ${alignment}`, count]));
}

export interface Lag {
  lagDay: Day;
  /** null: the series is made of 1D bars alone. */
  barDay: Day | null;
  isAsked: boolean;
}

/** Per asset and alignment: series that have not come as far as the alignment. */
export async function readLaggingSeries(
  tx: Tx,
  { ids, alignments, tfs }: Wanted,
): Promise<Map<string, Lag[]>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, Alignment, Day, Day | null, boolean]>(
    `select l.id, l.alignment::text, l.watermark_day, b.watermark_day, $3::text[] is null or l.tf = any($3)
     from ema_series_lag l
     join dim_timeframe t on t.alignment = l.alignment and t.tf = l.tf
     left join price_bars_state b on b.id = l.id and b.alignment = l.alignment and b.tf = l.tf
     where l.id = any($1) and l.alignment = any($2::bar_alignment[])`,
    [ids, alignments, tfs],
  );
  const lags = new Map<string, Lag[]>();
  for (const [id, alignment, lagDay, barDay, isAsked] of rows)
    push(lags, `${id} ${alignment}`, { lagDay, barDay, isAsked });
  return lags;
}

/** Per asset and alignment: series with EMAs whose timeframe is not in dim_timeframe any more. */
export async function readRemovedSeries(tx: Tx, { ids, alignments }: Wanted): Promise<Map<string, number>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.query<[number, Alignment, number]>(
    `select e.id, e.alignment::text, count(*) from ema_state e
     where e.id = any($1) and e.alignment = any($2::bar_alignment[])
       and not exists (select from dim_timeframe t where t.alignment = e.alignment and t.tf = e.tf)
     group by e.id, e.alignment`,
    [ids, alignments],
  );
  return new Map(rows.map(([id, alignment, count]) => [`${id} ${alignment}`, count]));
}

function push<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}
