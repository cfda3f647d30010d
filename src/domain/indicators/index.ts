/** Every kind of indicator, one file each. The one list: names, laws and documents run over it. */

import { dema } from './averages/dema.js';
import { hma } from './averages/hma.js';
import { kama } from './averages/kama.js';
import { sma } from './averages/sma.js';
import { tema } from './averages/tema.js';
import { wma } from './averages/wma.js';
import { donchian } from './channels/donchian.js';
import { ichimoku } from './channels/ichimoku.js';
import { supertrend } from './channels/supertrend.js';
import { adx } from './momentum/adx.js';
import { cci } from './momentum/cci.js';
import { macd } from './momentum/macd.js';
import { barReturn } from './momentum/return.js';
import { roc } from './momentum/roc.js';
import { rsi } from './momentum/rsi.js';
import { stoch } from './momentum/stoch.js';
import { willr } from './momentum/willr.js';
import type { IndicatorKind } from './parts/kind.js';
import { atr } from './volatility/atr.js';
import { bbands } from './volatility/bbands.js';
import { garmanKlass } from './volatility/garman-klass.js';
import { parkinson } from './volatility/parkinson.js';
import { rogersSatchell } from './volatility/rogers-satchell.js';
import { vol } from './volatility/vol.js';
import { mfi } from './volume/mfi.js';
import { obv } from './volume/obv.js';

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
