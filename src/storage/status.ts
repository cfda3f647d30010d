import type { Tx } from './database.js';
import type { Source } from './source.js';

/** Everything that is stored about how far one asset has come. Times are epoch microseconds, days are UTC day numbers. */
export interface StoredStatus {
  id: number;
  symbol: string | null;
  name: string | null;
  isActive: boolean;
  lastSrcUs: number | null;
  firstDay: number | null;
  lastDay: number | null;
  /** Newest source timestamp up to now, and how many source rows wait after the watermark. */
  sourceUs: number | null;
  waitingRows: number;
  barsDay: number | null;
  emasDay: number | null;
  rejects: number;
  repairs: number;
}

/** Status of `ids` (null = every asset in dim_assets), ascending by id. */
export async function readStatus(
  tx: Tx,
  scope: { ids: readonly number[] | null; source: Source },
): Promise<StoredStatus[]> {
  const rows = await tx.query<
    [
      number,
      string | null,
      string | null,
      boolean,
      number | null,
      number | null,
      number | null,
      number | null,
      number,
      number | null,
      number | null,
      number,
      number,
    ]
  >(
    `select a.id, a.symbol, a.name, a.active, s.last_src_ts, s.first_day, s.last_day, p.newest, coalesce(p.waiting, 0),
            b.day, e.day, coalesce(r.rejected, 0), coalesce(r.repaired, 0)
     from dim_assets a
     left join cmc_price_bars_1d_state s on s.id = a.id
     left join lateral (
       select max(timestamp) as newest,
              count(*) filter (where s.last_src_ts is null or timestamp > s.last_src_ts) as waiting
       from ${scope.source.relation} where id = a.id and timestamp <= now() and timestamp > '-infinity') p on true
     left join lateral (select min(watermark_day) as day from price_bars_state where id = a.id) b on true
     left join lateral (select min(watermark_day) as day from ema_asset_state where id = a.id) e on true
     left join lateral (
       select count(*) filter (where action = 'rejected') as rejected, count(*) filter (where action = 'repaired') as repaired
       from cmc_price_bars_1d_rejects where id = a.id) r on true
     where $1::int[] is null or a.id = any($1)
     order by a.id`,
    [scope.ids],
  );
  return rows.map(
    ([
      id,
      symbol,
      name,
      isActive,
      lastSrcUs,
      firstDay,
      lastDay,
      sourceUs,
      waitingRows,
      barsDay,
      emasDay,
      rejects,
      repairs,
    ]) => ({
      id,
      symbol,
      name,
      isActive,
      lastSrcUs,
      firstDay,
      lastDay,
      sourceUs,
      waitingRows,
      barsDay,
      emasDay,
      rejects,
      repairs,
    }),
  );
}
