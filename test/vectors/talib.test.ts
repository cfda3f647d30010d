/** Indicators against TA-Lib, where it is installed: on generated bars, and on real ones where they are there. */
import { describe, expect, test } from 'vitest';
import { parseIndicator } from '../../src/domain/indicators/name.js';
import type { BarColumns } from '../../src/domain/indicators/parts/kind.js';
import { barColumnsOf, computeIndicators } from '../../src/domain/indicators/series.js';
import { columnsOfBars } from '../../src/domain/prices/days.js';
import { judgePrices } from '../../src/domain/prices/price.js';
import { randomOf } from '../support/histories.js';
import { sharedFile } from '../support/shared.js';
import { readPriceCsv } from '../support/shared-data.js';
import { askTalib, TALIB } from '../support/talib.js';

/** What TA-Lib has, by our names. */
const EXPRESSIONS: Readonly<Record<string, string>> = {
  sma_20: 'talib.SMA(c, 20)',
  wma_20: 'talib.WMA(c, 20)',
  dema_20: 'talib.DEMA(c, 20)',
  tema_20: 'talib.TEMA(c, 20)',
  kama_10: 'talib.KAMA(c, 10)',
  rsi_14: 'talib.RSI(c, 14)',
  macd_12_26_9: 'talib.MACD(c, 12, 26, 9)[0]',
  'macd_12_26_9.signal': 'talib.MACD(c, 12, 26, 9)[1]',
  'macd_12_26_9.hist': 'talib.MACD(c, 12, 26, 9)[2]',
  'stoch_14_3_3.k': 'talib.STOCH(h, l, c, 14, 3, 0, 3, 0)[0]',
  'stoch_14_3_3.d': 'talib.STOCH(h, l, c, 14, 3, 0, 3, 0)[1]',
  roc_10: 'talib.ROC(c, 10)',
  willr_14: 'talib.WILLR(h, l, c, 14)',
  cci_20: 'talib.CCI(h, l, c, 20)',
  mfi_14: 'talib.MFI(h, l, c, v, 14)',
  adx_14: 'talib.ADX(h, l, c, 14)',
  'adx_14.plus_di': 'talib.PLUS_DI(h, l, c, 14)',
  'adx_14.minus_di': 'talib.MINUS_DI(h, l, c, 14)',
  atr_14: 'talib.ATR(h, l, c, 14)',
  'bbands_20_2.middle': 'talib.BBANDS(c, 20, 2, 2, 0)[1]',
  'bbands_20_2.upper': 'talib.BBANDS(c, 20, 2, 2, 0)[0]',
  'bbands_20_2.lower': 'talib.BBANDS(c, 20, 2, 2, 0)[2]',
  'donchian_20.upper': 'talib.MAX(h, 20)',
  'donchian_20.lower': 'talib.MIN(l, 20)',
  obv: 'talib.OBV(c, v)',
};
/** TA-Lib begins the fast EMA of macd later: there the beginning has faded. */
const FADED = 500;

function generatedBars(): BarColumns {
  const random = randomOf(20_150_101);
  let close = 300;
  const bars = Array.from({ length: 3000 }, () => {
    const open = close;
    close = open * (1 + 0.08 * (random() - 0.498));
    const high = Math.max(open, close) * (1 + 0.02 * random());
    const low = Math.min(open, close) * (1 - 0.02 * random());
    return { open, high, low, close, volume: Math.floor(random() * 1e10) };
  });
  return barColumnsOf(bars);
}

const PRICES = sharedFile('data/btcusd.csv');

function realDays(path: string): BarColumns {
  const { bars } = judgePrices(readPriceCsv(path), 1);
  return columnsOfBars(bars, bars[0]?.day ?? 0);
}

const SERIES: readonly { what: string; bars: BarColumns }[] =
  TALIB === null
    ? []
    : [
        { what: 'generated bars', bars: generatedBars() },
        ...(PRICES === null ? [] : [{ what: 'data/btcusd.csv', bars: realDays(PRICES) }]),
      ];

/** The largest difference, as a part of what the values are large: those of macd and cci go through 0. */
function deviationOf(expected: readonly (number | null)[], found: Float64Array, from: number): number {
  const large = expected.reduce<number>((most, value) => Math.max(most, Math.abs(value ?? 0)), 0);
  let largest = 0;
  for (let at = from; at < found.length; at += 1) {
    const value = expected[at] ?? Number.NaN;
    const difference = Math.abs((found[at] ?? Number.NaN) - value);
    largest = Math.max(largest, difference / Math.max(Math.abs(value), 1e-2 * large));
  }
  return largest;
}

const INDICATORS = [...new Set(Object.keys(EXPRESSIONS).map((name) => name.replace(/\..*/, '')))].map(
  (name) => parseIndicator(name),
);

describe.each(SERIES)('$what', ({ bars }) => {
  const answers = askTalib(EXPRESSIONS, bars);
  const columns = computeIndicators(INDICATORS, bars);

  test.each(INDICATORS)('$name is what TA-Lib gives', ({ kind, outputs }) => {
    // TA-Lib gives the outputs of one indicator from where all of them have a value.
    const begins = Math.max(...outputs.map(({ firstAt }) => firstAt));
    for (const { name } of outputs) {
      const expected = answers[name] ?? [];
      expect(expected).toHaveLength(bars.length);
      const deviation = deviationOf(
        expected,
        columns.get(name) ?? new Float64Array(0),
        kind.name === 'macd' ? FADED : begins,
      );
      expect(deviation, name).toBeLessThan(1e-11);
    }
  });
});

test('every output of an indicator that TA-Lib has is asked for', () => {
  const outputs = INDICATORS.flatMap((indicator) => indicator.outputs.map(({ name }) => name));
  expect(Object.keys(EXPRESSIONS).sort()).toEqual(outputs.sort());
});
