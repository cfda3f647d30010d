/** The indicators of real BTC days on every timeframe, against golden values: built in one pass, and the last days one by one. */
import { describe, expect, test } from 'vitest';
import { type BarState, stepBars } from '../../src/domain/bars/bar.js';
import { hasBars, TIMEFRAMES, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import { INDICATOR_KINDS } from '../../src/domain/indicators/index.js';
import { parseIndicator, usualNameOf } from '../../src/domain/indicators/name.js';
import type { BarColumns } from '../../src/domain/indicators/parts/kind.js';
import { advanceIndicator, barColumnsOf } from '../../src/domain/indicators/series.js';
import type { DailyBar } from '../../src/domain/prices/daily-bar.js';
import { columnsOfBars, type DayColumns } from '../../src/domain/prices/days.js';
import { judgePrices } from '../../src/domain/prices/price.js';
import { sharedFile } from '../support/shared.js';
import { readCsv, readPriceCsv } from '../support/shared-data.js';
import { tally } from '../support/tally.js';

const PRICES = sharedFile('data/btcusd.csv');
const SUMS = sharedFile('golden/btc-indicators/sums.csv');
const SERIES = sharedFile('golden/btc-indicators/series.csv');

const INDICATORS = [...INDICATOR_KINDS.map(usualNameOf), 'sma_50', 'sma_200'].map((name) =>
  parseIndicator(name),
);
/** Days at the end of the history that the second build takes in one by one. */
const SINGLE_DAYS = 60;
const WAYS = ['in one pass', 'day by day'] as const;

/** What has closed with some days: bars, or for 1D the days themselves. */
function closedOf(
  timeframe: Timeframe,
  state: BarState | null,
  days: DayColumns,
): { state: BarState | null; bars: BarColumns } {
  if (!hasBars(timeframe)) return { state, bars: days };
  const step = stepBars(timeframe, state, days);
  return { state: step.state, bars: barColumnsOf(step.closed) };
}

/** Every value of every series, by alignment, timeframe and output; the days come in the given runs. */
function build(runs: readonly DayColumns[]): Map<string, number[]> {
  const built = new Map<string, number[]>();
  for (const timeframe of TIMEFRAMES.filter((each) => each.alignment !== 'v2')) {
    const states = new Map<string, Float64Array>();
    let barState: BarState | null = null;
    for (const days of runs) {
      const closed = closedOf(timeframe, barState, days);
      barState = closed.state;
      for (const indicator of INDICATORS) {
        const { state, values } = advanceIndicator(
          indicator,
          states.get(indicator.name) ?? null,
          closed.bars,
        );
        states.set(indicator.name, state);
        for (const [k, { name }] of indicator.outputs.entries()) {
          const key = `${timeframe.alignment} ${timeframe.tf} ${name}`;
          const column = built.get(key) ?? [];
          built.set(key, column);
          for (const value of values[k] ?? []) column.push(value);
        }
      }
    }
  }
  return built;
}

function readDays(): DailyBar[] {
  return PRICES === null ? [] : judgePrices(readPriceCsv(PRICES), 1).bars;
}

/** The days in one run, or with the last ones in a run each; none where there are no days. */
function runsOf(bars: readonly DailyBar[], how: (typeof WAYS)[number]): DayColumns[] {
  if (bars.length === 0) return [];
  const columns = (from: number, to: number) => columnsOfBars(bars.slice(from, to), bars[0]?.day ?? 0);
  const single = bars.length - SINGLE_DAYS;
  if (how === 'in one pass') return [columns(0, bars.length)];
  return [
    columns(0, single),
    ...Array.from({ length: SINGLE_DAYS }, (_, day) => columns(single + day, single + day + 1)),
  ];
}

const keyOf = ({ alignment, tf, name }: Record<string, string>) => `${alignment} ${tf} ${name}`;

function deviationOf(expected: string | undefined, found: number | undefined): number {
  const value = Number(expected);
  return found === value ? 0 : Math.abs((found ?? Number.NaN) - value) / Math.abs(value);
}

const BARS = readDays();

describe.runIf(PRICES !== null && SUMS !== null && SERIES !== null)('indicators of data/btcusd.csv', () => {
  describe.each(WAYS)('built %s', (how) => {
    const built = build(runsOf(BARS, how));

    test('equal golden/btc-indicators/sums.csv: extent, sum and last value of every series', () => {
      const golden = readCsv(SUMS ?? '');
      const mismatches: string[] = [];
      let largest = 0;
      for (const row of golden) {
        const column = built.get(keyOf(row)) ?? [];
        const first = column.findIndex((value) => !Number.isNaN(value));
        const values = column.slice(first < 0 ? column.length : first);
        const deviation = Math.max(
          deviationOf(
            row.sum,
            values.reduce((sum, value) => sum + value, 0),
          ),
          deviationOf(row.last, values.at(-1)),
        );
        largest = Math.max(largest, deviation);
        const isSame = values.length === Number(row.count) && first + 1 === Number(row.first_bar_seq);
        if (!isSame || !(deviation <= 1e-9)) mismatches.push(`${keyOf(row)}: ${deviation}`);
      }
      console.log(`golden sums.csv ${how}: ${golden.length} series, largest relative deviation ${largest}`);
      expect(mismatches.slice(0, 10)).toEqual([]);
      tally('values', 2 * golden.length);
      expect(golden.length).toBeGreaterThan(2500);
    });

    test('equal golden/btc-indicators/series.csv: every value', () => {
      const golden = readCsv(SERIES ?? '');
      const mismatches = golden.flatMap((row) => {
        const deviation = deviationOf(row.value, built.get(keyOf(row))?.[Number(row.bar_seq) - 1]);
        const most = row.name?.startsWith('cci') ? 1e-9 : 1e-11;
        return deviation <= most ? [] : [`${keyOf(row)} ${row.bar_seq}: ${deviation}`];
      });
      expect(mismatches.slice(0, 10)).toEqual([]);
      tally('values', golden.length);
      expect(golden.length).toBeGreaterThan(30_000);
    });
  });
});
