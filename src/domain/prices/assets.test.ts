import { expect, test } from 'vitest';
import { assetNameOfFile, findKnownAsset, isAssetId, KNOWN_ASSETS, knownAssetOfId } from './assets.js';

test('the name of a CoinMarketCap export is the text before the first underscore and digit', () => {
  expect(assetNameOfFile('Bitcoin_11_1_2025-3_27_2026_historical_data_coinmarketcap.csv')).toBe('Bitcoin');
  expect(assetNameOfFile('Shiba Inu_1_1_2021-3_27_2026_historical_data_coinmarketcap.csv')).toBe('Shiba Inu');
  expect(assetNameOfFile('some_coin_2021.csv')).toBe('some_coin');
});

test('a file name without an underscore and a digit names no asset', () => {
  for (const name of ['btcusd.csv', 'bitcoin_daily.csv', '_1_2.csv', ' _1.csv', '']) {
    expect(assetNameOfFile(name)).toBeNull();
  }
});

test('the built-in list finds an asset by name, whatever the case, and by id', () => {
  expect(findKnownAsset('bitcoin')?.id).toBe(1);
  expect(findKnownAsset('SHIBA INU')?.symbol).toBe('SHIB');
  expect(findKnownAsset('Bitcoi')).toBeNull();
  expect(knownAssetOfId(32196)?.name).toBe('Hyperliquid');
  expect(knownAssetOfId(3)).toBeNull();
});

test('the built-in ids are those of CoinMarketCap', () => {
  const ids = Object.fromEntries(KNOWN_ASSETS.map(({ id, symbol, name }) => [name, `${id} ${symbol}`]));
  expect(ids).toEqual({
    Bitcoin: '1 BTC',
    Litecoin: '2 LTC',
    XRP: '52 XRP',
    Dogecoin: '74 DOGE',
    Tether: '825 USDT',
    Ethereum: '1027 ETH',
    BNB: '1839 BNB',
    TRON: '1958 TRX',
    Chainlink: '1975 LINK',
    Cardano: '2010 ADA',
    Polygon: '3890 MATIC',
    Solana: '5426 SOL',
    Avalanche: '5805 AVAX',
    'Shiba Inu': '5994 SHIB',
    Polkadot: '6636 DOT',
    Hyperliquid: '32196 HYPE',
  });
});

test('the built-in list has every id, symbol and name once', () => {
  for (const key of ['id', 'symbol', 'name'] as const) {
    expect(new Set(KNOWN_ASSETS.map((asset) => asset[key])).size).toBe(KNOWN_ASSETS.length);
  }
});

test('an asset id is a whole number that fits an int', () => {
  expect([1, 2_147_483_647].map(isAssetId)).toEqual([true, true]);
  expect([0, -1, 1.5, Number.NaN, 2_147_483_648].map(isAssetId)).toEqual([false, false, false, false, false]);
});
