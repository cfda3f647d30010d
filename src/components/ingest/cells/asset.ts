import {
  assetNameOfFile,
  findKnownAsset,
  isAssetId,
  knownAssetOfId,
  knownAssetOfSymbol,
  MAX_ASSET_ID,
} from '../../../domain/prices/assets.js';
import { UsageError } from '../../../domain/text/errors.js';
import {
  type Asset,
  findAsset,
  findAssetByName,
  findIdsBySymbol,
  listIdsOfName,
  readNextOwnId,
  upsertAssets,
} from '../../../storage/assets/assets.js';
import type { Tx } from '../../../storage/session/database.js';

/** The asset that a file is about. */
export interface IngestAsset {
  readonly id: number;
  readonly symbol: string | null;
  readonly name: string | null;
}

/** What the content of a file says of its asset; null where it is silent. */
export interface SaidAsset {
  readonly id: number | null;
  readonly symbol: string | null;
  readonly name: string | null;
  /** Code of the currency that its prices are in; null or left out: it does not say. */
  readonly currency?: string | null;
}

export interface IdentifyOptions {
  /** `--id`; null: it was not typed. */
  id: number | null;
  /** `--symbol`, in upper case. */
  symbol?: string | null;
  file: string;
  said?: SaidAsset | null;
  /** A symbol for the command that is proposed where the content says none. */
  proposed?: string | null;
  /** `--accept-name`: the name of another asset is meant. */
  acceptName?: boolean | undefined;
  /** What was typed, with these flags added: for what is proposed. */
  command?(...words: string[]): string;
}

/**
 * Tells whose prices a file holds: by `id`, by `symbol`, by the id that its content says, or by the name that its content
 * or its own name says, looked up in dim_assets and then in the built-in list. (The "name" of a price is a number of
 * CoinMarketCap's, not the asset.) Throws UsageError that asks for --id or --symbol when nothing says it, and when --id contradicts
 * the content or the name of another known asset.
 */
export async function identifyAsset(tx: Tx, identifying: IdentifyOptions): Promise<IngestAsset> {
  const { id, symbol = null, file, said = null, acceptName = false } = identifying;
  const nameInFile = said?.name ?? assetNameOfFile(file);
  const saidId = said?.id ?? null;
  if (id !== null && saidId !== null && saidId !== id) {
    throw new UsageError(
      `--id ${id} was given, but "${file}" says that it is of id ${saidId}${said?.name ? ` (${said.name})` : ''}: leave --id out, or name the file of id ${id}`,
    );
  }
  if (id !== null && nameInFile !== null && !acceptName)
    await refuseOtherName(tx, { ...identifying, id, name: nameInFile });
  const known = id ?? (symbol === null ? saidId : null);
  if (known !== null) return identifyById(tx, known, { name: nameInFile, symbol: said?.symbol ?? symbol });
  if (symbol !== null) return identifyBySymbol(tx, symbol, said?.name ?? null);
  if (nameInFile === null) throw unknownAsset(identifying, null);
  const registered = await findAssetByName(tx, nameInFile);
  if (registered !== null) return registered;
  const builtIn = findKnownAsset(nameInFile);
  if (builtIn === null) throw unknownAsset(identifying, nameInFile);
  return mergeFacts(builtIn.id, await findAsset(tx, builtIn.id), builtIn);
}

/** --id decides between assets of one name, and not against the name of another one. */
async function refuseOtherName(
  tx: Tx,
  { id, file, name, command }: IdentifyOptions & { id: number; name: string },
): Promise<void> {
  const registered = await listIdsOfName(tx, name);
  const builtIn = findKnownAsset(name)?.id ?? null;
  const ids = registered.length > 0 ? registered : builtIn === null ? [] : [builtIn];
  if (ids.length === 0 || ids.includes(id) || builtIn === id) return;
  throw new UsageError(
    `--id ${id} was given, but "${file}" names ${name}, which is id ${ids.join(', ')}: leave --id out; if these are prices of id ${id}: ${command?.('--accept-name') ?? 'type --accept-name'}`,
  );
}

/** Asks for --id or --symbol, with the command to type where the file says a symbol. */
function unknownAsset(
  { file, said, proposed = null, command }: IdentifyOptions,
  name: string | null,
): UsageError {
  const symbol = said?.symbol ?? proposed;
  const typed = symbol === null || command === undefined ? '--symbol SYMBOL' : command('--symbol', symbol);
  if (name === null)
    return new UsageError(
      `the asset of "${file}" is unknown: expected a name like "Bitcoin_1_1_2025-….csv"; say it with --id N, or by its symbol: ${typed}`,
    );
  const place = said?.name === name ? `in "${file}"` : `from the file name "${file}"`;
  return new UsageError(
    `"${name}" (${place}) is no asset in dim_assets and not in the built-in list: say its CoinMarketCap id with --id N, or its symbol: ${typed}`,
  );
}

/** The asset of a symbol: that of dim_assets, else the built-in one, else a new one with an id of our own. */
async function identifyBySymbol(tx: Tx, symbol: string, name: string | null): Promise<IngestAsset> {
  const ids = (await findIdsBySymbol(tx, [symbol])).get(symbol.toLowerCase()) ?? [];
  const [only, other] = ids;
  if (other !== undefined)
    throw new UsageError(
      `"${symbol}" is the symbol of several assets in dim_assets (${ids.join(', ')}): say which with --id`,
    );
  const registered = only === undefined ? null : await findAsset(tx, only);
  if (registered !== null) return registered;
  const builtIn = knownAssetOfSymbol(symbol);
  if (builtIn !== null) return mergeFacts(builtIn.id, await findAsset(tx, builtIn.id), builtIn);
  return inventAsset(tx, await readNextOwnId(tx), { name, symbol });
}

interface FileFacts {
  readonly name: string | null;
  readonly symbol: string | null;
}

async function identifyById(tx: Tx, id: number, facts: FileFacts): Promise<IngestAsset> {
  if (!isAssetId(id)) throw new UsageError(`--id expects a number from 1 to ${MAX_ASSET_ID}, got "${id}"`);
  const known = knownAssetOfId(id) ?? (await inventAsset(tx, id, facts));
  return mergeFacts(id, await findAsset(tx, id), known);
}

/** An asset of which only the file speaks gets the file's name, unless that is another asset's already. */
async function inventAsset(tx: Tx, id: number, { name, symbol }: FileFacts): Promise<IngestAsset> {
  const isFree =
    name !== null && findKnownAsset(name) === null && (await listIdsOfName(tx, name)).length === 0;
  return { id, symbol, name: isFree ? name : null };
}

/** What dim_assets says stands; what it does not say is filled in. */
function mergeFacts(id: number, stored: Asset | null, known: IngestAsset): IngestAsset {
  return { id, symbol: stored?.symbol ?? known.symbol, name: stored?.name ?? known.name };
}

/** Puts the asset into dim_assets, or fills in what was missing there; a retired asset stays retired. */
export async function registerAsset(tx: Tx, asset: IngestAsset): Promise<void> {
  await upsertAssets(tx, [{ id: asset.id, symbol: asset.symbol, name: asset.name }]);
}
