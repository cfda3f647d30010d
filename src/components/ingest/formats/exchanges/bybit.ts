import type { Format } from '../parts/format.js';
import { isOrdered } from '../parts/ordered.js';

const DAY_MS = 86_400_000;

/** {"result": {"category": "spot", "symbol": "BTCUSDT", "list": [["1670608800000", …]]}, "time": …}, the newest day first. */
export const BYBIT: Format = {
  id: 'bybit',
  label: 'Bybit',
  from: 'api.bybit.com/v5/market/kline?interval=D',
  signs: null,
  // The last cell is the turnover, in money.
  places: ['day', 'open', 'high', 'low', 'close', 'volume', null],
  isFilledBy: ([time = '', open, high, low, close]) =>
    /^\d{13}$/.test(time) && isOrdered(open, high, low, close),
  isSaidBy: (facts) => /^(?:spot|linear)$/.test(facts.get('result.category') ?? ''),
  volume: 'coins',
  // `time` is when the server answered.
  isOpen: ([time], facts) => Number(time) + DAY_MS > Number(facts.get('time')),
};

/** Contracts of a coin count the money: one is worth a dollar. */
export const BYBIT_INVERSE: Format = {
  ...BYBIT,
  id: 'bybit-inverse',
  label: 'Bybit, inverse contracts',
  isSaidBy: (facts) => facts.get('result.category') === 'inverse',
  volume: 'money',
};
