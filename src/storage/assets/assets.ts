import { FIRST_OWN_ID, MAX_ASSET_ID } from '../../domain/prices/assets.js';
import { UsageError } from '../../domain/text/errors.js';
import { boundName, storedName } from '../../domain/text/printable.js';
import type { Tx } from '../session/database.js';
import { readGuarded } from '../source/readable.js';
import type { Source, SourcePart } from '../source/source.js';

/** A row of dim_assets. An inactive asset is retired: in no "all", its history kept. */
export interface Asset {
  id: number;
  symbol: string | null;
  name: string | null;
  assetClass: string;
  isActive: boolean;
  /** What its prices are in, such as USD; null: no source has said. */
  quoteCurrency: string | null;
}

type AssetRow = [number, string | null, string | null, string, boolean, string | null];

const SELECT_ASSETS = 'select id, symbol, name, asset_class, active, quote_currency from dim_assets';

function assetOfRow([id, symbol, name, assetClass, isActive, quoteCurrency]: AssetRow): Asset {
  return {
    id,
    symbol: boundName(symbol),
    name: boundName(name),
    assetClass,
    isActive,
    quoteCurrency,
  };
}

/** Every asset, retired ones too, in ascending order of id. */
export async function listAssets(tx: Tx): Promise<Asset[]> {
  return (await tx.query<AssetRow>(`${SELECT_ASSETS} order by id`)).map(assetOfRow);
}

/** The asset of this id, or null. */
export async function findAsset(tx: Tx, id: number): Promise<Asset | null> {
  const rows = await tx.query<AssetRow>(`${SELECT_ASSETS} where id = $1`, [id]);
  return rows.map(assetOfRow)[0] ?? null;
}

/** The ids of the assets of this name (upper and lower case are one), ascending. */
export async function listIdsOfName(tx: Tx, name: string): Promise<number[]> {
  const rows = await tx.query<[number]>(
    'select id from dim_assets where lower(name) = lower($1) order by id',
    [name],
  );
  return rows.map(([id]) => id);
}

/** The asset of this name (upper and lower case are one), or null; throws UsageError when several have it. */
export async function findAssetByName(tx: Tx, name: string): Promise<Asset | null> {
  const rows = await tx.query<AssetRow>(`${SELECT_ASSETS} where lower(name) = lower($1) order by id`, [name]);
  if (rows.length > 1) {
    const ids = rows.map(([id]) => id).join(', ');
    throw new UsageError(
      `"${name}" is the name of several assets in dim_assets (${ids}): say which with --id`,
    );
  }
  return rows.map(assetOfRow)[0] ?? null;
}

/** Ids of dim_assets or of our own price table beside these, ascending; a few of them. */
export async function listOtherAssets(tx: Tx, ids: readonly number[]): Promise<number[]> {
  const rows = await tx.query<[number]>(
    `select id from dim_assets where id <> all($1::int[])
     union select id from cmc_price_histories7 where id <> all($1::int[]) order by 1 limit 5`,
    [ids],
  );
  return rows.map(([id]) => id);
}

/** Ids by symbol in lower case, ascending; symbols that no asset has are left out. */
export async function findIdsBySymbol(
  tx: Tx,
  symbols: readonly string[],
): Promise<Map<string, readonly number[]>> {
  const rows = await tx.query<[string, number[]]>(
    `select lower(symbol), array_agg(id order by id) from dim_assets
     where lower(symbol) = any($1::text[]) group by lower(symbol)`,
    [symbols.map((symbol) => symbol.toLowerCase())],
  );
  return new Map(rows);
}

/**
 * The next id of our own range that no asset has. It is this transaction's until it ends: another that asks waits, so that
 * two new symbols cannot become one asset.
 */
export async function readNextOwnId(tx: Tx): Promise<number> {
  await tx.query('select pg_advisory_xact_lock(hashtextextended($1 || current_schema(), 0))', [
    'barwright own asset id',
  ]);
  const rows = await tx.query<[number]>(
    'select greatest(coalesce(max(id), 0) + 1, $1::int) from dim_assets where id >= $1::int',
    [FIRST_OWN_ID],
  );
  return rows[0]?.[0] ?? FIRST_OWN_ID;
}

/** What is known of an asset; null: nothing to say, a stored value stays. */
export interface AssetFacts {
  id: number;
  symbol: string | null;
  name: string | null;
  assetClass?: string | null;
}

/**
 * Registers assets, or changes what is stored of them where a fact is given and differs.
 * A retired asset stays retired. Returns how many rows were inserted or changed.
 */
export async function upsertAssets(tx: Tx, assets: readonly AssetFacts[]): Promise<number> {
  return tx.execute(
    `insert into dim_assets as a (id, symbol, name, asset_class)
     select id, symbol, name, coalesce(class, stored.asset_class, 'crypto')
     from unnest($1::int[], $2::text[], $3::text[], $4::text[]) as given (id, symbol, name, class)
     left join (select id, asset_class from dim_assets) as stored using (id)
     order by id
     on conflict (id) do update set symbol = coalesce(excluded.symbol, a.symbol),
       name = coalesce(excluded.name, a.name), asset_class = excluded.asset_class
     where (coalesce(excluded.symbol, a.symbol), coalesce(excluded.name, a.name), excluded.asset_class)
       is distinct from (a.symbol, a.name, a.asset_class)`,
    [
      assets.map((asset) => asset.id),
      assets.map((asset) => storedName(asset.symbol)),
      assets.map((asset) => storedName(asset.name)),
      assets.map((asset) => asset.assetClass ?? null),
    ],
  );
}

/** Retires assets, or brings them back; returns the ids that were not so already, ascending. Unknown ids are left out. */
export async function writeAssetsActive(
  tx: Tx,
  ids: readonly number[],
  isActive: boolean,
): Promise<number[]> {
  const rows = await tx.query<[number]>(
    'update dim_assets set active = $2 where id = any($1) and active <> $2 returning id',
    [ids, isActive],
  );
  return rows.map(([id]) => id).sort((a, b) => a - b);
}

/** Ids of the active assets, ascending: what "all" means. */
export async function listActiveIds(tx: Tx): Promise<number[]> {
  const rows = await tx.query<[number]>('select id from dim_assets where active order by id');
  return rows.map(([id]) => id);
}

/** Of the ids asked for: those that dim_assets does not have, and those that are retired, each ascending. */
export async function findUnusableIds(
  tx: Tx,
  ids: readonly number[],
): Promise<{ unknown: number[]; retired: number[] }> {
  const rows = await tx.query<[number, boolean]>(
    `select asked.id, stored.id is null from (select distinct unnest($1::int[])) as asked (id)
     left join dim_assets as stored on stored.id = asked.id
     where stored.id is null or not stored.active order by asked.id`,
    [ids],
  );
  const pick = (wanted: boolean) => rows.filter(([, isUnknown]) => isUnknown === wanted).map(([id]) => id);
  return { unknown: pick(true), retired: pick(false) };
}

/**
 * SQL of the distinct ids of a relation. Where an index begins with the id they are looked up one after the other, each
 * by one probe, however many days an asset has; elsewhere everything is read.
 */
async function selectSourceIds(tx: Tx, source: Source): Promise<string> {
  const parts: string[] = [];
  for (const part of source.parts) parts.push(`select id from (${await selectPartIds(tx, part)}) p`);
  return parts.join(' union ');
}

async function selectPartIds(tx: Tx, { relation, projection }: SourcePart): Promise<string> {
  const { idColumn } = projection;
  // A table of one asset has no column for it.
  if (/^\d+$/.test(idColumn)) return `select ${idColumn} as id where exists (select from ${relation})`;
  const rows = await tx.query<[boolean]>(
    `select exists (
       select from pg_index i join pg_am m on m.oid = (select relam from pg_class where oid = i.indexrelid)
       join pg_attribute c on c.attrelid = i.indrelid and 'src.' || quote_ident(c.attname) = $2
       where i.indrelid = to_regclass($1) and i.indkey[0] = c.attnum and i.indisvalid and i.indpred is null
         and m.amname = 'btree')`,
    [relation, idColumn],
  );
  if (rows[0]?.[0] !== true) return `select distinct ${idColumn} as id from ${relation} src`;
  return `with recursive found_ids (id) as (
      (select ${idColumn} from ${relation} src where ${idColumn} is not null order by ${idColumn} limit 1)
      union all
      select (select ${idColumn} from ${relation} src where ${idColumn} > f.id order by ${idColumn} limit 1)
      from found_ids f where f.id is not null)
    select id from found_ids where id is not null`;
}

/**
 * Ids of the source relation that dim_assets lacks, ascending: those that upsertSourceAssets would register. None where the
 * relation fails for one of its rows.
 */
export async function listUnregisteredIds(tx: Tx, source: Source): Promise<number[]> {
  const select = `select id from (${await selectSourceIds(tx, source)}) as found
     where id between 1 and ${MAX_ASSET_ID} and not exists (select from dim_assets as a where a.id = found.id) order by id`;
  const rows = await readGuarded(tx, () => tx.query<[number]>(select));
  return 'found' in rows ? rows.found.map(([id]) => id) : [];
}

/**
 * Registers every id of the source relation that dim_assets lacks (ids that are not from 1 to MAX_ASSET_ID are left out); returns them, ascending.
 * Symbol and name stay NULL where the source is all that is known.
 */
export async function upsertSourceAssets(tx: Tx, source: Source): Promise<number[]> {
  const rows = await tx.query<[number]>(
    `insert into dim_assets (id)
     select id from (${await selectSourceIds(tx, source)}) as found
     where id between 1 and ${MAX_ASSET_ID} and not exists (select from dim_assets as a where a.id = found.id) order by id
     on conflict (id) do nothing returning id`,
  );
  return rows.map(([id]) => id).sort((a, b) => a - b);
}

/** Says which source counts for an asset; null: the one that has its id. Returns how many assets there are of that id. */
export function writeAssetSource(tx: Tx, id: number, source: string | null): Promise<number> {
  return tx.execute('update dim_assets set source = $2 where id = $1', [id, source]);
}
