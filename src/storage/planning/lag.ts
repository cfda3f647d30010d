import { boundName } from '../../domain/text/printable.js';
import type { Tx } from '../session/database.js';
import { readBesideSource } from '../source/readable.js';
import { countAfter, selectEnd } from '../source/select.js';
import type { Source } from '../source/source.js';

/** How old an active asset's newest processed price is, and how far its source is ahead. Seconds, database clock. */
export interface AssetLag {
  id: number;
  symbol: string | null;
  /** Epoch seconds of the newest price read; null: none was. */
  lastSourceSec: number | null;
  ageSec: number | null;
  /** null: never processed, or the source has nothing. 0 = level with the source. */
  lagSec: number | null;
  /** Source rows after the watermark. */
  waitingRows: number;
  /** Epoch seconds when its source was last proven to be what its bars were made of; null: not since it was built. */
  provenSec: number | null;
}

type LagRow = [
  id: number,
  symbol: string | null,
  lastSourceSec: number | null,
  ageSec: number | null,
  lagSec: number | null,
  waitingRows: number,
  provenSec: number | null,
];

/** Age and lag of every active asset, ascending by id. */
export async function listAssetLags(tx: Tx, source: Source): Promise<AssetLag[]> {
  const rows = await readBesideSource(tx, { source, ids: null }, (ids, from) =>
    tx.query<LagRow>(
      `select a.id, a.symbol, extract(epoch from s.last_src_ts)::float8, extract(epoch from now() - s.last_src_ts)::float8,
            greatest(0, extract(epoch from p.newest - s.last_src_ts))::float8, coalesce(p.waiting, 0), extract(epoch from v.proven_at)::float8
     from dim_assets a
     left join cmc_price_bars_1d_state s on s.id = a.id
     left join asset_proof v on v.id = a.id
     left join lateral (
       select ${selectEnd(from, 'a.id', 'newest')} as newest,
         ${countAfter(from, 'a.id', `coalesce(s.last_src_ts, '-infinity')`)} as waiting) p on true
     where a.active and ($1::int[] is null or a.id = any($1))
     order by a.id`,
      [ids],
    ),
  );
  return rows.map(([id, symbol, lastSourceSec, ageSec, lagSec, waitingRows, provenSec]) => ({
    id,
    symbol: boundName(symbol),
    lastSourceSec,
    ageSec,
    lagSec,
    waitingRows,
    provenSec,
  }));
}
