import {
  assetNameOfFile,
  findKnownAsset,
  isAssetId,
  knownAssetOfId,
  MAX_ASSET_ID,
} from '../../domain/assets.js';
import { UsageError } from '../../domain/errors.js';
import { type Asset, findAsset, findAssetByName, upsertAssets } from '../../storage/assets.js';
import type { Tx } from '../../storage/database.js';

/** The asset that a file is about. */
export interface IngestAsset {
  readonly id: number;
  readonly symbol: string | null;
  readonly name: string | null;
}

/**
 * Tells whose prices a file holds: by `id`, or by the name in the file's name, looked up in dim_assets and then in the
 * built-in list. (The "name" inside the file is a number of CoinMarketCap's, not the asset.)
 * Throws UsageError that asks for --id when the name says nothing or is unknown.
 */
export async function identifyAsset(
  tx: Tx,
  { id, file }: { id: number | null; file: string },
): Promise<IngestAsset> {
  const nameInFile = assetNameOfFile(file);
  if (id !== null) return identifyById(tx, id, nameInFile);
  if (nameInFile === null) {
    throw new UsageError(
      `cannot tell the asset of "${file}": expected a name like "Bitcoin_1_1_2025-….csv"; say it with --id N`,
    );
  }
  const registered = await findAssetByName(tx, nameInFile);
  if (registered !== null) return registered;
  const known = findKnownAsset(nameInFile);
  if (known === null) {
    throw new UsageError(
      `"${nameInFile}" (from the file name "${file}") is no asset in dim_assets and not in the built-in list: say its CoinMarketCap id with --id N`,
    );
  }
  return mergeFacts(known.id, await findAsset(tx, known.id), known);
}

async function identifyById(tx: Tx, id: number, nameInFile: string | null): Promise<IngestAsset> {
  if (!isAssetId(id)) throw new UsageError(`--id expects a number from 1 to ${MAX_ASSET_ID}, got "${id}"`);
  const known = knownAssetOfId(id) ?? (await inventAsset(tx, id, nameInFile));
  return mergeFacts(id, await findAsset(tx, id), known);
}

/** An asset of which only the file speaks gets the file's name, unless that is another asset's already. */
async function inventAsset(tx: Tx, id: number, nameInFile: string | null): Promise<IngestAsset> {
  const isFree =
    nameInFile !== null &&
    findKnownAsset(nameInFile) === null &&
    (await findAssetByName(tx, nameInFile)) === null;
  return { id, symbol: null, name: isFree ? nameInFile : null };
}

/** What dim_assets says stands; what it does not say is filled in. */
function mergeFacts(id: number, stored: Asset | null, known: IngestAsset): IngestAsset {
  return { id, symbol: stored?.symbol ?? known.symbol, name: stored?.name ?? known.name };
}

/** Puts the asset into dim_assets, or fills in what was missing there; a retired asset stays retired. */
export async function registerAsset(tx: Tx, asset: IngestAsset): Promise<void> {
  await upsertAssets(tx, [{ id: asset.id, symbol: asset.symbol, name: asset.name }]);
}
