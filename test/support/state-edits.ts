/**
 * Damage by single rows: with these triggers the views over packed states take insert, update and delete, and the row of
 * bar_carry or ema_carry that is behind them is packed again, its header with it.
 */

import { BAR_HEADER } from '../../src/storage/bars/bar-states.js';
import { BAR_STATE_SHAPE } from '../../src/storage/bars/bars.js';
import { EMA_HEADER } from '../../src/storage/emas/ema-states.js';
import { EMA_ASSET_SHAPE } from '../../src/storage/emas/emas.js';
import type { Database, Tx } from '../../src/storage/session/database.js';

/** Lets the views of this warehouse be written. */
export async function allowStateEdits(database: Database): Promise<void> {
  await database.transaction((tx) => addTriggers(tx));
}

async function addTriggers(tx: Tx): Promise<void> {
  for (const [view, body] of Object.entries(BODIES)) {
    await tx.execute(
      `create function edit_${view}() returns trigger language plpgsql as $edit$
       declare
         of_id int := coalesce(new.id, old.id);
         of_alignment bar_alignment := coalesce(new.alignment, old.alignment);
       begin
         ${body}
         return coalesce(new, old);
       end $edit$`,
    );
    await tx.execute(
      `create trigger edit_${view} instead of insert or update or delete on ${view}
       for each row execute function edit_${view}()`,
    );
  }
}

const names = (shape: { columns: readonly { name: string }[] }) =>
  shape.columns.map(({ name }) => name).filter((name) => name !== 'id' && name !== 'alignment');

/** Rows of a view after the edit; old and new may be of one series. */
const rowsAfter = (view: string) => `(
  select * from ${view} v where v.id = of_id and v.alignment = of_alignment and (tg_op = 'INSERT' or v.tf <> old.tf)
  union all select new.* where tg_op <> 'DELETE') r`;

const headerOf = (table: string, { names: header, select }: { names: readonly string[]; select: string }) =>
  `update ${table} s set (${header.join(', ')}) = (${select}) where s.id = of_id and s.alignment = of_alignment;`;

const arraysOfBars = names(BAR_STATE_SHAPE);
const headerOfEmas = names(EMA_ASSET_SHAPE);

const BODIES: Record<string, string> = {
  price_bars_state: `
    delete from bar_carry where id = of_id and alignment = of_alignment and tg_op = 'DELETE' and tf = array[old.tf];
    insert into bar_carry (id, alignment, series, series_hash, closed, closed_hash, closed_bars, ${arraysOfBars.join(', ')})
    select of_id, of_alignment, 0, 0, 0, 0, 0, ${arraysOfBars.map((name) => `array_agg(r.${name} order by r.tf)`).join(', ')}
    from ${rowsAfter('price_bars_state')} having count(*) > 0
    on conflict (id, alignment) do update set (${arraysOfBars.join(', ')}) = (${arraysOfBars.map((name) => `excluded.${name}`).join(', ')});
    ${headerOf('bar_carry', BAR_HEADER)}`,
  ema_asset_state: `
    insert into ema_carry (id, alignment, series, series_hash, taken_bars, lag_tf, lag_day, lag_ts, lag_rows, lag_close,
      lag_sum, tf, input_count, bar_seq, last_close_day, input_sum, seeded, ema, ema_bar)
    values (of_id, of_alignment, 0, 0, 0, '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}')
    on conflict do nothing;
    update ema_carry set (${headerOfEmas.join(', ')}) = (select ${headerOfEmas.map((name) => `new.${name}`).join(', ')})
    where id = of_id and alignment = of_alignment;`,
  ema_series_lag: `
    update ema_carry set (lag_tf, lag_day, lag_ts, lag_rows, lag_close, lag_sum) = (
      select coalesce(array_agg(tf order by tf), '{}'), coalesce(array_agg(watermark_day order by tf), '{}'),
        coalesce(array_agg(watermark_ts order by tf), '{}'), coalesce(array_agg(row_count order by tf), '{}'),
        coalesce(array_agg(last_close order by tf), '{}'), coalesce(array_agg(close_sum order by tf), '{}')
      from ${rowsAfter('ema_series_lag')})
    where id = of_id and alignment = of_alignment;`,
  ema_state: `
    with r as (select * from ${rowsAfter('ema_state')})
    update ema_carry set (tf, input_count, bar_seq, last_close_day, input_sum, seeded, ema, ema_bar) = (
      select coalesce(array_agg(tf order by tf), '{}'), coalesce(array_agg(input_count order by tf), '{}'),
        coalesce(array_agg(bar_seq order by tf), '{}'), coalesce(array_agg(last_close_day order by tf), '{}'),
        coalesce(array_agg(close_sum order by tf), '{}'), coalesce(array_agg(cardinality(ema) order by tf), '{}'),
        coalesce((select array_agg(e.value order by tf, e.n) from r, unnest(ema) with ordinality e (value, n)), '{}'),
        coalesce((select array_agg(e.value order by tf, e.n) from r, unnest(ema_bar) with ordinality e (value, n)), '{}')
      from r)
    where id = of_id and alignment = of_alignment;
    ${headerOf('ema_carry', EMA_HEADER)}`,
};
