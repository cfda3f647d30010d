/** When the source of each asset was last compared with its fingerprint, and which assets are due (decision 019). */
import { isSameRows, NO_ROWS, type SeenRows } from '../../domain/source/fingerprint.js';
import { fingerprintOf, ROW_HASHES, seenRows } from '../prices/fingerprint.js';
import type { Tx } from '../session/database.js';
import { readApart } from '../source/readable.js';
import { assetsIn, selectSource } from '../source/select.js';
import type { Source, SourcePart } from '../source/source.js';
import { readDailyStates } from './bar-facts.js';

/** So that every asset is proven once in so many days. */
const DAYS_OF_A_ROUND = 7;

/** The file that a table's rows are in; null: it is a view, or one that has none. It is another one when the table was rewritten. */
export async function readStorage(tx: Tx, { relation }: SourcePart): Promise<number | null> {
  const rows = await tx.query<[number | null]>('select pg_relation_filenode($1::regclass)::bigint', [
    relation,
  ]);
  return rows[0]?.[0] ?? null;
}

/**
 * Of these assets those that are to be proven now: a seventh of them in 24 hours, those first that were not proven for the
 * longest time; and every one whose table was rewritten. Assets with notes of change are compared because of those.
 */
export async function listDueAssets(
  tx: Tx,
  ids: readonly number[],
  storage: number | null,
): Promise<number[]> {
  const rows = await tx.query<[number]>(
    `with known as (
       select s.id, p.proven_at, p.id is not null and p.storage is distinct from $2::bigint as is_moved
       from cmc_price_bars_1d_state s left join asset_proof p on p.id = s.id
       where s.id = any($1) and s.last_src_ts is not null
         and not exists (select from price_change n where n.id = s.id)),
     turn as (
       select id, row_number() over (order by proven_at nulls first, id) as place from known
       where proven_at is null or proven_at < now() - interval '23 hours')
     select k.id from known k left join turn t on t.id = k.id
     where k.is_moved or t.place <= ceil(cardinality($1::int[]) / ${DAYS_OF_A_ROUND}.0)
         - (select count(*) from known where proven_at >= now() - interval '23 hours')
     order by k.id`,
    [ids, storage],
  );
  return rows.map(([id]) => id);
}

/** What a comparison of assets with their source came to; an asset that cannot be read is in neither list. */
export interface ProvenAssets {
  proven: number[];
  /** Their source rows up to the watermark are not those that their bars were made of. */
  changed: number[];
}

/** Compares the source rows of these assets, up to the watermark of each, with their fingerprints; in one snapshot. */
export async function readProvenAssets(
  tx: Tx,
  source: Source,
  ids: readonly number[],
): Promise<ProvenAssets> {
  const states = await readDailyStates(tx, ids);
  const { found } = await readApart(tx, ids, (some) => readSeen(tx, source, some));
  const result: ProvenAssets = { proven: [], changed: [] };
  for (const [id, seen] of found) {
    const state = states.get(id);
    if (state === undefined) continue;
    const isSame = isSameRows({ rows: state.srcRows, hash: state.srcHash }, seen);
    result[isSame ? 'proven' : 'changed'].push(id);
  }
  return result;
}

async function readSeen(tx: Tx, source: Source, ids: readonly number[]): Promise<Map<number, SeenRows>> {
  const rows = await tx.query<[number, number, string, string]>(
    `select h.id, ${fingerprintOf()} from (
       select q.id, ${ROW_HASHES} from (${selectSource(source, assetsIn('$1::int[]'))}) q
       join cmc_price_bars_1d_state s on s.id = q.id and q.ts <= s.last_src_ts) h
     group by h.id`,
    [ids],
  );
  const seen = new Map<number, SeenRows>(ids.map((id) => [id, NO_ROWS]));
  for (const [id, ...cells] of rows) seen.set(id, seenRows(...cells));
  return seen;
}

/** Those of these assets that were read from one part of the source last; with `isOnly` also those whose state names no source yet. */
export async function listReadFrom(
  tx: Tx,
  ids: readonly number[],
  { part: { label }, isOnly }: { part: SourcePart; isOnly: boolean },
): Promise<number[]> {
  const rows = await tx.query<[number]>(
    `select id from cmc_price_bars_1d_state
     where id = any($1) and (source = $2 or $3 and source is null) order by id`,
    [ids, label, isOnly],
  );
  return rows.map(([id]) => id);
}

/** Files that these assets were proven just now. */
export function upsertProofs(tx: Tx, ids: readonly number[], storage: number | null): Promise<number> {
  return tx.execute(
    `insert into asset_proof as p (id, proven_at, storage) select id, clock_timestamp(), $2::bigint from unnest($1::int[]) u (id)
     on conflict (id) do update set proven_at = excluded.proven_at, storage = excluded.storage, is_doubted = false`,
    [ids, storage],
  );
}

/** Files in which table's file assets were built that have not been proven since. */
export function upsertStorage(tx: Tx, ids: readonly number[], storage: number | null): Promise<number> {
  return tx.execute(
    `insert into asset_proof (id, storage) select s.id, $2::bigint from cmc_price_bars_1d_state s where s.id = any($1)
     on conflict (id) do nothing`,
    [ids, storage],
  );
}

/** Files that the bars of these assets are to be compared with every row of their source. */
export function upsertDoubts(tx: Tx, ids: readonly number[]): Promise<number> {
  return tx.execute(
    `insert into asset_proof as p (id, is_doubted) select id, true from unnest($1::int[]) u (id)
     on conflict (id) do update set is_doubted = true`,
    [ids],
  );
}

/** Takes the doubts of assets away that were compared and repaired just now. */
export function deleteDoubts(tx: Tx, ids: readonly number[], storage: number | null): Promise<number> {
  return tx.execute(
    `update asset_proof set is_doubted = false, proven_at = clock_timestamp(), storage = $2::bigint
     where id = any($1) and is_doubted`,
    [ids, storage],
  );
}
