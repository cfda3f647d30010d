/** An asset as it is known by name; `id` is the CoinMarketCap id. */
export interface KnownAsset {
  readonly id: number;
  readonly symbol: string;
  readonly name: string;
}

/** Assets whose CoinMarketCap export is known by its file name before dim_assets knows them (semantics.md §1). */
export const KNOWN_ASSETS: readonly KnownAsset[] = [
  { id: 1, symbol: 'BTC', name: 'Bitcoin' },
  { id: 2, symbol: 'LTC', name: 'Litecoin' },
  { id: 52, symbol: 'XRP', name: 'XRP' },
  { id: 74, symbol: 'DOGE', name: 'Dogecoin' },
  { id: 825, symbol: 'USDT', name: 'Tether' },
  { id: 1027, symbol: 'ETH', name: 'Ethereum' },
  { id: 1839, symbol: 'BNB', name: 'BNB' },
  { id: 1958, symbol: 'TRX', name: 'TRON' },
  { id: 1975, symbol: 'LINK', name: 'Chainlink' },
  { id: 2010, symbol: 'ADA', name: 'Cardano' },
  { id: 3890, symbol: 'MATIC', name: 'Polygon' },
  { id: 5426, symbol: 'SOL', name: 'Solana' },
  { id: 5805, symbol: 'AVAX', name: 'Avalanche' },
  { id: 5994, symbol: 'SHIB', name: 'Shiba Inu' },
  { id: 6636, symbol: 'DOT', name: 'Polkadot' },
  { id: 32196, symbol: 'HYPE', name: 'Hyperliquid' },
];

/** The built-in asset of this name (upper and lower case are one), or null. */
export function findKnownAsset(name: string): KnownAsset | null {
  const wanted = name.toLowerCase();
  return KNOWN_ASSETS.find((asset) => asset.name.toLowerCase() === wanted) ?? null;
}

/** The built-in asset of this id, or null. */
export function knownAssetOfId(id: number): KnownAsset | null {
  return KNOWN_ASSETS.find((asset) => asset.id === id) ?? null;
}

/** The built-in asset of this symbol (upper and lower case are one), or null. */
export function knownAssetOfSymbol(symbol: string): KnownAsset | null {
  return KNOWN_ASSETS.find((asset) => asset.symbol === symbol.toUpperCase()) ?? null;
}

/**
 * The first id that barwright gives to an asset that is registered by its symbol alone: far above those of CoinMarketCap
 * (about 40,000 so far) and of the sample data, so that neither can ever be mistaken for it.
 */
export const FIRST_OWN_ID = 1_000_000_001;

/**
 * The asset's name in the file name of a CoinMarketCap export: the text before the first underscore that a digit
 * follows ("Shiba Inu" of "Shiba Inu_1_1_2021-3_27_2026_historical_data_coinmarketcap.csv"), or null.
 */
export function assetNameOfFile(fileName: string): string | null {
  const end = fileName.search(/_\d/);
  const name = end === -1 ? '' : fileName.slice(0, end).trim();
  return name === '' ? null : name;
}

/** Largest id that an asset may have: PostgreSQL's int. */
export const MAX_ASSET_ID = 2_147_483_647;

/** True for a whole number from 1 to MAX_ASSET_ID. */
export function isAssetId(id: number): boolean {
  return Number.isInteger(id) && id >= 1 && id <= MAX_ASSET_ID;
}
