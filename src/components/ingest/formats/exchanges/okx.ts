import type { Format } from '../parts/format.js';
import { isOrdered } from '../parts/ordered.js';

const isFlag = (text = '') => text === '0' || text === '1';
const isMilliseconds = (text = '') => /^\d{13}$/.test(text);

/** {"code": "0", "msg": "", "data": [[ts, o, h, l, c, vol, volCcy, volCcyQuote, confirm]]}, the newest day first. */
export const OKX: Format = {
  id: 'okx',
  label: 'OKX',
  from: 'www.okx.com/api/v5/market/history-candles?bar=1Dutc',
  signs: null,
  // The two volumes before count coins or contracts, as the instrument is, which the file does not name.
  places: ['day', 'open', 'high', 'low', 'close', null, null, 'volume', null],
  isFilledBy: ([time, open, high, low, close, , , , confirm]) =>
    isMilliseconds(time) && isFlag(confirm) && isOrdered(open, high, low, close),
  isSaidBy: (facts) => facts.has('code') && facts.has('msg'),
  volume: 'money',
  isOpen: (cells) => cells.at(-1) === '0',
};

/** Prices of an index, and marks: [ts, o, h, l, c, confirm]. */
export const OKX_INDEX: Format = {
  ...OKX,
  id: 'okx-index',
  from: 'www.okx.com/api/v5/market/history-index-candles?bar=1Dutc',
  places: ['day', 'open', 'high', 'low', 'close', null],
  isFilledBy: ([time, open, high, low, close, confirm]) =>
    isMilliseconds(time) && isFlag(confirm) && isOrdered(open, high, low, close),
  volume: null,
};
