import { expect, test } from 'vitest';
import type { ListedAsset } from './asset-list.js';
import { findAssets } from './find-assets.js';

const asset = (id: number, symbol: string | null, name: string | null): ListedAsset => ({
  ...{ id, symbol, name, isActive: true },
});
const ASSETS = [
  asset(1, 'WBTC', 'Wrapped Bitcoin'),
  asset(2, 'BTC', 'Bitcoin'),
  asset(3, 'BTCX', 'Extra'),
  asset(7, null, 'Btc-like thing'),
  asset(9, 'ETH', 'Ether'),
];
const idsOf = (text: string, favourites: number[] = []) =>
  findAssets(ASSETS, text, new Set(favourites)).map(({ id }) => id);

test('the exact symbol first, then its beginning, then that of the name, then any part', () => {
  expect(idsOf('btc')).toEqual([2, 3, 7, 1]);
  expect(idsOf(' BITCOIN ')).toEqual([2, 1]);
  expect(idsOf('9')).toEqual([9]);
  expect(idsOf('nobody')).toEqual([]);
});

test('favourites stand before all others', () => {
  expect(idsOf('', [9, 3])).toEqual([3, 9, 1, 2, 7]);
  expect(idsOf('btc', [1])).toEqual([1, 2, 3, 7]);
});
