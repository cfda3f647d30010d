/** Every kind of indicator, one file each. The one list: names, laws and documents run over it. */
import { adx } from './adx.js';
import { atr } from './atr.js';
import { bbands } from './bbands.js';
import { cci } from './cci.js';
import { dema } from './dema.js';
import { donchian } from './donchian.js';
import { garmanKlass } from './garman-klass.js';
import { hma } from './hma.js';
import { ichimoku } from './ichimoku.js';
import { kama } from './kama.js';
import type { IndicatorKind } from './kind.js';
import { macd } from './macd.js';
import { mfi } from './mfi.js';
import { obv } from './obv.js';
import { parkinson } from './parkinson.js';
import { barReturn } from './return.js';
import { roc } from './roc.js';
import { rogersSatchell } from './rogers-satchell.js';
import { rsi } from './rsi.js';
import { sma } from './sma.js';
import { stoch } from './stoch.js';
import { supertrend } from './supertrend.js';
import { tema } from './tema.js';
import { vol } from './vol.js';
import { willr } from './willr.js';
import { wma } from './wma.js';

/** In the order in which they are shown. */
export const INDICATOR_KINDS: readonly IndicatorKind[] = [
  sma,
  wma,
  dema,
  tema,
  hma,
  kama,
  rsi,
  macd,
  stoch,
  roc,
  willr,
  cci,
  mfi,
  adx,
  atr,
  bbands,
  donchian,
  supertrend,
  ichimoku,
  obv,
  barReturn,
  vol,
  parkinson,
  garmanKlass,
  rogersSatchell,
];
