/** The newest values of one series of every asset: a statement for each kind of value, however many assets there are. */
import type { Day } from '../../domain/calendar/day.js';
import type { Alignment } from '../../domain/calendar/timeframe.js';
import type { Tx } from '../session/database.js';

/** Which series of the assets. */
export interface ScreenScope {
  alignment: Alignment;
  tf: string;
}

export type EmaKind = 'ema' | 'ema_bar';

/** `close` of the newest bar as of `day`; it is open, or closed on that day. `before`: close of the bar before it. */
export type ScreenBar = [id: number, day: Day, close: number, isOpen: boolean, before: number | null];

/** The newest bar of each asset that has one. */
export function listScreenBars(tx: Tx, { alignment, tf }: ScreenScope): Promise<ScreenBar[]> {
  if (tf === '1D')
    return tx.query<ScreenBar>(
      `select s.id, (d.timestamp at time zone 'UTC')::date, d.close, false, p.close
       from cmc_price_bars_1d_state s
       cross join lateral (
         select bar_seq, timestamp, close from cmc_price_bars_1d where id = s.id order by bar_seq desc limit 1) d
       left join cmc_price_bars_1d p on p.id = s.id and p.bar_seq = d.bar_seq - 1`,
    );
  return tx.query<ScreenBar>(
    `select b.id, b.watermark_day, b.close, b.is_partial_end, p.close
     from bars_latest b
     left join price_bars p
       on p.id = b.id and p.alignment = $1::bar_alignment and p.tf = $2 and p.bar_seq = b.bar_seq - 1
     where b.alignment = ($1::bar_alignment)::text and b.tf = $2`,
    [alignment, tf],
  );
}

export type ScreenEma = [id: number, period: number, value: number];

/** The newest values of EMAs: of an open bar those that it would close with. */
export function listScreenEmas(
  tx: Tx,
  { alignment, tf }: ScreenScope,
  { periods, kind }: { periods: readonly number[]; kind: EmaKind },
): Promise<ScreenEma[]> {
  return tx.query<ScreenEma>(
    `select id, period, ${kind === 'ema' ? 'ema' : 'ema_bar'} from ema_latest
     where alignment = $1::bar_alignment and tf = $2 and period = any($3::int[])`,
    [alignment, tf, periods],
  );
}

export type ScreenIndicator = [id: number, name: string, value: number];

/** The newest values of indicators, by output; a name stands for all its outputs. */
export function listScreenIndicators(
  tx: Tx,
  { alignment, tf }: ScreenScope,
  names: readonly string[],
): Promise<ScreenIndicator[]> {
  return tx.query<ScreenIndicator>(
    `select id, name, coalesce(preview, value) from indicators_latest
     where alignment = $1::bar_alignment and tf = $2 and regexp_replace(name, '\\.[a-z_]+$', '') = any($3)
       and coalesce(preview, value) is not null`,
    [alignment, tf, names],
  );
}

/** By how much the fast line is above the slow one at closes, the newest first. */
export type ScreenGaps = [id: number, gaps: number[]];

/** Which lines: EMAs of two periods; `fast` null: the closes themselves. */
export interface ScreenLines {
  fast: number | null;
  slow: number;
  kind: EmaKind;
  /** How many of the newest closes. */
  closes: number;
}

/** Lines at the newest closes of each asset whose EMAs are known to be right: a range of the key for each asset. */
export function listScreenGaps(
  tx: Tx,
  { alignment, tf }: ScreenScope,
  { fast, slow, kind, closes }: ScreenLines,
): Promise<ScreenGaps[]> {
  const values = kind === 'ema' ? 'e.ema' : 'coalesce(e.ema_bar, e.ema)';
  const closeOf =
    tf === '1D'
      ? 'select b.close from cmc_price_bars_1d b where b.id = e.id and b.bar_seq = e.bar_seq'
      : `select b.close from price_bars b
         where b.id = e.id and b.alignment = e.alignment and b.tf = e.tf and b.bar_seq = e.bar_seq`;
  const fastValue = fast === null ? `(${closeOf})` : '(e.fast)[n.fast]';
  return tx.query<ScreenGaps>(
    `select c.id, g.gaps
     from ema_carry c
     cross join lateral (
       select array_position(c.periods, $3) as fast, array_position(c.periods, $4) as slow,
         coalesce(c.lag_day[array_position(c.lag_tf, $2)], c.watermark_day) as day) n
     cross join lateral (
       select array_agg(gap order by bar_seq desc) as gaps
       from (
         select e.bar_seq, ${fastValue} - (e.fast)[n.slow] as gap
         from (
           select e.id, e.alignment, e.tf, e.bar_seq, ${values} as fast
           from ema_points e
           where e.id = c.id and e.alignment = $1::bar_alignment and e.tf = $2 and e.day <= n.day
           order by e.bar_seq desc limit $5) e) l
       where gap is not null) g
     where c.alignment = $1::bar_alignment and c.watermark_day is not null and c.repair_from is null
       and n.slow is not null and g.gaps is not null
     order by c.id`,
    [alignment, tf, fast, slow, closes],
  );
}
