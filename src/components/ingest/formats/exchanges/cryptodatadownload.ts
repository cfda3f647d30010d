import type { Format } from '../parts/format.js';

/** A line with its address, then "Unix,Date,Symbol,…,Volume BTC,Volume USD", the newest day first. */
export const CRYPTODATADOWNLOAD: Format = {
  id: 'cryptodatadownload',
  label: 'CryptoDataDownload',
  from: 'cryptodatadownload.com, daily files of an exchange',
  signs: ['date', 'symbol', 'open', 'high', 'low', 'close', /^volume./],
  // Two volumes, in coins and in money, in this order.
  columns: { volume: [/^volume(?!usdt?$|eur$|gbp$|jpy$|usdc$)./] },
  volume: 'coins',
};
