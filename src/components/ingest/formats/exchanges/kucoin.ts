import type { Format } from '../parts/format.js';
import { isOrdered } from '../parts/ordered.js';

/** {"code": "200000", "data": [[time, open, close, high, low, volume, turnover]]}, the newest day first. */
export const KUCOIN: Format = {
  id: 'kucoin',
  label: 'KuCoin',
  from: 'api.kucoin.com/api/v1/market/candles?type=1day',
  signs: null,
  places: ['day', 'open', 'close', 'high', 'low', 'volume', null],
  isFilledBy: ([time = '', open, close, high, low]) =>
    /^\d{9,10}$/.test(time) && isOrdered(open, high, low, close),
  isSaidBy: (facts) => facts.get('code') === '200000',
  volume: 'coins',
};
