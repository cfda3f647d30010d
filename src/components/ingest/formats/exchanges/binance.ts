import type { Field, Format } from '../parts/format.js';

const PLACES: readonly (Field | null)[] = [
  ...(['timeOpen', 'open', 'high', 'low', 'close', 'volume', 'timeClose'] as const),
  ...[null, null, null, null, null],
];

const isEpoch = (text = '') => /^\d{13}$|^\d{16}$/.test(text);

const SHARED = {
  label: 'Binance',
  from: 'data.binance.vision, klines of 1d; its API',
  volume: 'coins',
  // BTCUSDT-1d-2024-01.zip
  pairInName: /^([A-Z0-9]{5,20})-1d-\d{4}/,
  columns: { day: ['opentime'] },
} as const;

/** Klines without a header, in milliseconds, since 2025 in microseconds. */
export const BINANCE: Format = {
  ...SHARED,
  id: 'binance',
  signs: null,
  places: PLACES.map((field) => (field === 'timeOpen' ? 'day' : field)),
  isFilledBy: (cells) => isEpoch(cells[0]) && isEpoch(cells[6]),
};

/** Klines with a header: futures, and spot by many programs. */
export const BINANCE_NAMED: Format = {
  ...SHARED,
  id: 'binance-named',
  label: 'Binance, with a header',
  signs: ['opentime', 'closetime', 'open', 'high', 'low', 'close', 'volume'],
};
