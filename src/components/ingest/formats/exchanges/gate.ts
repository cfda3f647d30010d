import type { Format } from '../parts/format.js';
import { isOrdered } from '../parts/ordered.js';

/** [time, volume in money, close, high, low, open, volume in coins, whether it is over]. */
export const GATE: Format = {
  id: 'gate',
  label: 'Gate',
  from: 'api.gateio.ws/api/v4/spot/candlesticks?interval=1d',
  signs: null,
  places: ['day', null, 'close', 'high', 'low', 'open', 'volume', null],
  isFilledBy: ([time = '', , close, high, low, open, , isOver = '']) =>
    /^\d{9,10}$/.test(time) && /^(?:true|false)$/.test(isOver) && isOrdered(open, high, low, close),
  volume: 'coins',
  isOpen: (cells) => cells.at(-1) === 'false',
};
