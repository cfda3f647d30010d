import { describe, expect, test } from 'vitest';
import { stepBars } from '../../src/domain/bars/bar.js';
import { formatDay } from '../../src/domain/calendar/day.js';
import { hasBars, TIMEFRAMES, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import { type DailyEma, dailyEmas } from '../../src/domain/emas/daily.js';
import { PERIODS } from '../../src/domain/emas/period.js';
import { stepEma } from '../../src/domain/emas/series.js';
import { columnsOfBars, type DayColumns } from '../../src/domain/prices/days.js';
import { judgePrices } from '../../src/domain/prices/price.js';
import { closesOfBars } from '../support/ema-warehouse.js';
import { sharedFile } from '../support/shared.js';
import { readCsv, readPriceCsv } from '../support/shared-data.js';
import { tally } from '../support/tally.js';

const PRICES = sharedFile('data/btcusd.csv');
const LAST = sharedFile('golden/btc/ema_last.csv');
const CLOSE = sharedFile('golden/btc/ema_close.csv');
const DAILY = sharedFile('golden/btc/ema_daily.csv');

type Golden = Record<string, string>;

/** A value, its name in errors, and what it must be. Empty cells are values that v2 does not have. */
type Check = [
  name: string,
  expected: string | undefined,
  found: string | number | boolean | null | undefined,
];

/** Numbers to 1e-12 of the expected one, everything else exactly. */
function isSame(expected: string, found: Check[2]): boolean {
  if (found === null) return expected === '';
  if (typeof found !== 'number')
    return expected === String(typeof found === 'boolean' ? Number(found) : found);
  return expected !== '' && Math.abs(found - Number(expected)) <= 1e-12 * Math.abs(Number(expected));
}

/** Checks the rows of one file; `checksOf` gives what is to be compared in a row. */
function expectGolden(path: string | null, checksOf: (row: Golden) => Check[]): number {
  const rows = readCsv(path ?? '');
  const mismatches: string[] = [];
  let compared = 0;
  for (const row of rows) {
    for (const [name, expected, found] of checksOf(row)) {
      compared += 1;
      if (isSame(expected ?? 'no such column', found)) continue;
      mismatches.push(`${row.alignment} ${row.tf} ${row.period} ${name}: expected ${expected}, got ${found}`);
    }
  }
  console.log(
    `${path?.replace(/.*\//, 'golden ')}: ${rows.length} rows, ${compared} values compared, ${mismatches.length} mismatches`,
  );
  tally('values', compared);
  expect(mismatches.slice(0, 10)).toEqual([]);
  return rows.length;
}

/** What the golden files say about one series and period, from the daily grid and from the kernel. */
interface Digest {
  rows: number;
  first: DailyEma | undefined;
  newest: DailyEma | undefined;
  newestClose: DailyEma | undefined;
  sumEma: number;
  sumEmaBar: number | null;
  kernelEma: number | undefined;
  /** Over the stored points; null for v2, which stores some closing days only. */
  kernelSum: number | null;
}

const keyOf = ({ alignment, tf, period }: Golden): string => `${alignment} ${tf} ${period}`;
const nameOf = ({ alignment, tf }: Timeframe, period: number): string => `${alignment} ${tf} ${period}`;

function digestSeries(timeframe: Timeframe, days: DayColumns): [string, Digest][] {
  const isV2 = timeframe.alignment === 'v2';
  const spec = { ...timeframe, tfDays: timeframe.nominalDays, periods: PERIODS };
  const closes = closesOfBars(hasBars(timeframe) ? stepBars(timeframe, null, days).closed : []);
  const grid = Map.groupBy(dailyEmas(spec, days, closes), ({ period }) => period);
  const { points, state } = stepEma(spec, null, { days, closes, before: null });
  return [...grid].map(([period, rows]) => {
    const closing = rows.filter(({ roll }) => !roll);
    const k = PERIODS.indexOf(period);
    return [
      nameOf(timeframe, period),
      {
        rows: rows.length,
        first: rows[0],
        newest: rows.at(-1),
        newestClose: closing.at(-1),
        sumEma: closing.reduce((sum, row) => sum + row.ema, 0),
        sumEmaBar: isV2 ? null : closing.reduce((sum, row) => sum + (row.emaBar ?? Number.NaN), 0),
        kernelEma: state?.ema[k],
        kernelSum: isV2 ? null : points.reduce((sum, { ema }) => sum + (ema[k] ?? 0), 0),
      },
    ];
  });
}

function readDays(path: string): DayColumns {
  const { bars } = judgePrices(readPriceCsv(path), 1);
  return columnsOfBars(bars, bars[0]?.day ?? 0);
}

const dayText = (row: DailyEma | undefined): string => (row === undefined ? 'no row' : formatDay(row.day));

describe.runIf(PRICES !== null && LAST !== null && CLOSE !== null && DAILY !== null)(
  'EMAs of data/btcusd.csv',
  () => {
    const days = PRICES === null ? columnsOfBars([], 0) : readDays(PRICES);
    const digests = new Map(TIMEFRAMES.flatMap((timeframe) => digestSeries(timeframe, days)));

    test('equal golden/btc/ema_last.csv: the newest row of every series and period', () => {
      const rows = expectGolden(LAST, (row) => {
        const digest = digests.get(keyOf(row));
        return [
          ['day', row.day, dayText(digest?.newest)],
          ['roll', row.roll, digest?.newest?.roll],
          ['ema', row.ema, digest?.newest?.ema],
          ['ema_bar', row.ema_bar, digest?.newest?.emaBar],
          ['ema carried', row.ema, digest?.kernelEma],
        ];
      });
      expect(digests.size).toBe(rows);
    });

    test('equal golden/btc/ema_close.csv: extent and sums over the closing days of every series and period', () => {
      const rows = expectGolden(CLOSE, (row) => {
        const digest = digests.get(keyOf(row));
        return [
          ['rows', row.rows, digest?.rows],
          ['first_day', row.first_day, dayText(digest?.first)],
          ['last_close_day', row.last_close_day, dayText(digest?.newestClose)],
          ['sum_ema_at_close', row.sum_ema_at_close, digest?.sumEma],
          ['sum_ema_bar_at_close', row.sum_ema_bar_at_close, digest?.sumEmaBar],
          ...(row.alignment === 'v2'
            ? []
            : [['sum of points', row.sum_ema_at_close, digest?.kernelSum] as Check]),
        ];
      });
      expect(digests.size).toBe(rows);
    });

    test('equal golden/btc/ema_daily.csv: every row of four series', () => {
      const wanted = Map.groupBy(readCsv(DAILY ?? ''), keyOf);
      const found = new Map<string, DailyEma>();
      let rows = 0;
      for (const timeframe of TIMEFRAMES) {
        const periods = PERIODS.filter((period) => wanted.has(nameOf(timeframe, period)));
        const closes = closesOfBars(hasBars(timeframe) ? stepBars(timeframe, null, days).closed : []);
        const spec = { ...timeframe, tfDays: timeframe.nominalDays, periods };
        for (const row of dailyEmas(spec, days, closes)) {
          found.set(`${nameOf(timeframe, row.period)} ${formatDay(row.day)}`, row);
          rows += 1;
        }
      }
      const golden = expectGolden(DAILY, (row) => {
        const daily = found.get(`${keyOf(row)} ${row.day}`);
        return [
          ['roll', row.roll, daily?.roll],
          ['ema', row.ema, daily?.ema],
          ['ema_bar', row.ema_bar, daily?.emaBar],
        ];
      });
      expect(rows).toBe(golden);
    });
  },
);
