import { describe, expect, test } from 'vitest';
import { UsageError } from '../text/errors.js';
import { INDICATOR_KINDS } from './index.js';
import { parseIndicator, usualNameOf } from './name.js';
import { barCount, type IndicatorKind, type Values1 } from './parts/kind.js';
import { advanceIndicator, barColumnsOf } from './series.js';

/** The sentence that a name is refused with. */
function refusalOf(name: string): string {
  try {
    parseIndicator(name);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  throw new Error(`"${name}" was not refused`);
}

/** The name of a kind with one of its numbers written otherwise. */
function nameWith({ name, parameters }: IndicatorKind, index: number, part: string): string {
  return [name, ...parameters.map(({ usual }, at) => (at === index ? part : usual))].join('_');
}

describe.each(INDICATOR_KINDS)('$name', (kind) => {
  test('has a name of its own, which reads as itself with the usual numbers', () => {
    const indicator = parseIndicator(usualNameOf(kind));
    expect(indicator.kind).toBe(kind);
    expect(indicator.name).toBe(usualNameOf(kind));
    expect(indicator.parameters).toEqual(kind.parameters.map(({ usual }) => usual));
    expect(INDICATOR_KINDS.filter(({ name }) => name === kind.name)).toEqual([kind]);
    expect(new Set(indicator.outputs.map(({ name }) => name)).size).toBe(kind.outputs.length);
  });

  test('refuses numbers out of their range, written otherwise, too few and too many', () => {
    for (const [index, { name, least, most, isWhole }] of kind.parameters.entries()) {
      const wrong = [least / 2, most + 1, -1, '01', '1e2', '', '2.345', isWhole ? '2.5' : '2.50', '٣', ' 3'];
      for (const part of wrong.map(String))
        expect(refusalOf(nameWith(kind, index, part))).toContain(`expected ${name} to be a`);
    }
    expect(refusalOf(`${usualNameOf(kind)}_7`)).toContain(`found ${kind.parameters.length + 1}`);
    if (kind.parameters.length > 0) expect(refusalOf(kind.name)).toContain(`as in ${usualNameOf(kind)} (`);
  });
});

test('names with other numbers', () => {
  expect(parseIndicator('macd_5_35_5').outputs).toEqual([
    { name: 'macd_5_35_5', firstAt: 34, isPrice: false },
    { name: 'macd_5_35_5.signal', firstAt: 38, isPrice: false },
    { name: 'macd_5_35_5.hist', firstAt: 38, isPrice: false },
  ]);
  expect(parseIndicator('bbands_20_2.5').outputs.map(({ isPrice }) => isPrice)).toEqual([true, true, true]);
  expect(parseIndicator('bbands_20_2.5').parameters).toEqual([20, 2.5]);
  expect(parseIndicator('garman_klass_30').outputs).toEqual([
    { name: 'garman_klass_30', firstAt: 29, isPrice: false },
  ]);
});

test('a refusal says what there is', () => {
  expect(refusalOf('rsj_14')).toMatch(
    /^there is no indicator "rsj_14": expected one of sma_20, .*rsi_14.*rogers_satchell_20, or one of them with other numbers$/,
  );
  expect(refusalOf('RSI_14')).toContain('there is no indicator "RSI_14"');
  expect(refusalOf('rsi')).toBe('indicator "rsi": expected 1 number, as in rsi_14 (n), found 0');
  expect(refusalOf('obv_3')).toBe('indicator "obv_3": expected no number, only "obv", found 1');
  expect(refusalOf('macd_26_12_9')).toBe('indicator "macd_26_12_9": macd expects f below s, got 26 and 12');
  expect(refusalOf('ichimoku_9_26_26')).toContain('ichimoku expects t below k below s, got 9, 26 and 26');
  expect(refusalOf('rsi_0')).toBe(
    'indicator "rsi_0": expected n to be a whole number from 1 to 1000, without needless zeros, found "0"',
  );
});

/** How many of the last bars in a row closed higher, at most n: a kind that is not in the list. */
const streak: IndicatorKind = {
  name: 'streak',
  title: 'Rises in a row',
  definition: 'How many of the last bars in a row closed higher, at most n.',
  version: 1,
  parameters: [barCount('n', 5)],
  fields: ['close'],
  outputs: [{ name: '', firstAt: () => 1 }],
  lookback: () => 1,
  state: ['rises'],
  start: (n) => ({
    step(state, { bars: { close }, from, to, position }, [values]: Values1): void {
      for (let at = position === 0 ? from + 1 : from; at < to; at += 1) {
        const hasRisen = (close[at] as number) > (close[at - 1] as number);
        state[0] = hasRisen ? Math.min(n, (state[0] as number) + 1) : 0;
        values[at] = state[0] as number;
      }
    },
  }),
};

test('a kind of your own is known by its name, and continued as the others are', () => {
  const indicator = parseIndicator('streak_2', [...INDICATOR_KINDS, streak]);
  const bars = [1, 2, 3, 4, 2, 3].map((close) => ({ open: close, high: close, low: close, close }));
  const whole = advanceIndicator(indicator, null, barColumnsOf(bars));
  expect(whole.values.map((column) => [...column])).toEqual([[Number.NaN, 1, 2, 2, 0, 1]]);
  const half = advanceIndicator(indicator, null, barColumnsOf(bars.slice(0, 3)));
  const rest = advanceIndicator(indicator, half.state, barColumnsOf(bars.slice(3)));
  expect(rest.values.map((column) => [...column])).toEqual([[2, 0, 1]]);
  expect([...rest.state]).toEqual([...whole.state]);
  expect(refusalOf('streak_2')).toContain('there is no indicator "streak_2"');
});
