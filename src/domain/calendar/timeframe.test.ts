import { describe, expect, test } from 'vitest';
import { PERIODS } from '../emas/period.js';
import { ALIGNMENTS, hasBars, parseTimeframe, TIMEFRAMES } from './timeframe.js';

describe('the catalogue of semantics.md §3', () => {
  test.each([
    ['multi_tf', 91],
    ['cal_us', 33],
    ['cal_iso', 33],
    ['cal_anchor_us', 33],
    ['cal_anchor_iso', 33],
    ['v2', 91],
  ])('%s has %i timeframes', (alignment, count) => {
    const tfs = TIMEFRAMES.filter((timeframe) => timeframe.alignment === alignment).map(({ tf }) => tf);
    expect(tfs).toHaveLength(count);
    expect(new Set(tfs).size).toBe(count);
  });

  test('222 of them have bars: 90 rolling ones and 33 of each calendar alignment', () => {
    const withBars = TIMEFRAMES.filter(hasBars);
    expect(withBars).toHaveLength(222);
    expect(withBars.filter(({ alignment }) => alignment === 'multi_tf')).toHaveLength(90);
    expect(hasBars(parseTimeframe('multi_tf', '1D'))).toBe(false);
    expect(hasBars(parseTimeframe('v2', '7D'))).toBe(false);
  });

  test('calendar names are spelt as in the table', () => {
    const namesOf = (alignment: string): string[] =>
      TIMEFRAMES.filter((timeframe) => timeframe.alignment === alignment && timeframe.count <= 2).map(
        ({ tf }) => tf,
      );
    expect(namesOf('cal_us')).toEqual(['1W_CAL_US', '2W_CAL_US', '1M_CAL', '2M_CAL', '1Y_CAL', '2Y_CAL']);
    expect(namesOf('cal_iso')).toEqual(['1W_CAL_ISO', '2W_CAL_ISO', '1M_CAL', '2M_CAL', '1Y_CAL', '2Y_CAL']);
    expect(namesOf('cal_anchor_us').slice(1, 4)).toEqual([
      '2W_CAL_ANCHOR_US',
      '1M_CAL_ANCHOR',
      '2M_CAL_ANCHOR',
    ]);
    expect(namesOf('cal_anchor_iso').slice(0, 1)).toEqual(['1W_CAL_ANCHOR_ISO']);
  });

  test('the periods are the 17 of §5, ascending', () => {
    expect(PERIODS).toHaveLength(17);
    expect([...PERIODS].sort((a, b) => a - b)).toEqual(PERIODS);
  });
});

test.each([
  ['multi_tf', '25D', 25],
  ['v2', '1D', 1],
  ['cal_us', '6W_CAL_US', 42],
  ['cal_iso', '9M_CAL', 270],
  ['cal_anchor_iso', '20Y_CAL_ANCHOR', 7300],
] as const)('%s %s is nominally %i days long', (alignment, tf, nominalDays) => {
  expect(parseTimeframe(alignment, tf)).toMatchObject({ alignment, tf, nominalDays });
});

test.each([
  ['multi_tf', '1W_CAL_US'],
  ['multi_tf', '0D'],
  ['multi_tf', '07D'],
  ['multi_tf', '100000D'],
  ['multi_tf', '7d'],
  ['multi_tf', '7D '],
  ['multi_tf', '7D\n'],
  ['multi_tf', ''],
  ['v2', '1M_CAL'],
  ['cal_us', '1W_CAL_ISO'],
  ['cal_us', '1M_CAL_ANCHOR'],
  ['cal_us', '1M_CAL_US'],
  ['cal_us', '7D'],
  ['cal_iso', '1W_CAL'],
  ['cal_anchor_us', '1Y_CAL'],
  ['cal_anchor_us', '1000Y_CAL_ANCHOR'],
  ['cal_anchor_iso', "1Y_CAL_ANCHOR'; drop table"],
] as const)('%s has no timeframe "%s", and the error names both', (alignment, tf) => {
  expect(() => parseTimeframe(alignment, tf)).toThrow(`"${tf}" is not a timeframe of alignment ${alignment}`);
});

test('an error names a timeframe that would have fitted', () => {
  for (const alignment of ALIGNMENTS) {
    const example = /like (\S+)$/.exec(messageOf(() => parseTimeframe(alignment, 'x')))?.[1] ?? '';
    expect(parseTimeframe(alignment, example).tf).toBe(example);
  }
});

function messageOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    return String(error);
  }
  throw new Error('nothing was thrown');
}
