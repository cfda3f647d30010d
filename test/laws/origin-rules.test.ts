/** A rule of compare predicts a value of theirs, it does not excuse a difference: next to it nothing is explained. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeSeries, type Sides } from '../../src/components/compare/judge.js';
import { stepBars } from '../../src/domain/bars/bar.js';
import { hasBars, parseTimeframe, type Timeframe } from '../../src/domain/calendar/timeframe.js';
import { dailyEmas } from '../../src/domain/emas/daily.js';
import { fillTheirBars } from '../../src/domain/origin/bars.js';
import {
  BAR_CELLS,
  type Cells,
  EMA_CELLS,
  HEAD_BAR_CELLS,
  HEAD_EMA_CELLS,
  makeCells,
} from '../../src/domain/origin/cells.js';
import { fillOurEmas, fillTheirEmas } from '../../src/domain/origin/emas.js';
import { givenDays, type Revision, theirDailyBars } from '../../src/domain/origin/given.js';
import { fillOurBars } from '../../src/domain/origin/ours.js';
import type { SeriesFacts } from '../../src/domain/origin/rules.js';
import { columnsOfBars } from '../../src/domain/prices/days.js';
import { type DailyPrice, judgePrices } from '../../src/domain/prices/price.js';
import { FIRST_DAY, histories, pricesOf } from '../support/origin/histories.js';

const PERIODS = [2, 3];
const SERIES: readonly Timeframe[] = [
  parseTimeframe('multi_tf', '3D'),
  parseTimeframe('cal_us', '1W_CAL_US'),
  parseTimeframe('cal_iso', '1M_CAL'),
  parseTimeframe('cal_anchor_us', '9M_CAL_ANCHOR'),
  parseTimeframe('cal_anchor_iso', '1W_CAL_ANCHOR_ISO'),
  parseTimeframe('v2', '2D'),
];

/** Theirs as the rules make it, ours, and the rules again. */
function sidesOf(prices: readonly DailyPrice[], { timeframe, revision, kind }: SeriesFacts): Sides {
  const { bars } = judgePrices(prices, 1);
  const ours = columnsOfBars(bars, bars[0]?.day ?? 0);
  const given = givenDays(prices, FIRST_DAY + 1000);
  const rows = revision === 'head' ? theirDailyBars(given, 'head') : given;
  const lastDay = ours.day[ours.length - 1] as number;
  const grid = { firstDay: FIRST_DAY, length: lastDay - FIRST_DAY + 1 };
  const columns = kind === 'bars' ? [BAR_CELLS, HEAD_BAR_CELLS] : [EMA_CELLS, HEAD_EMA_CELLS];
  const names = Object.keys(columns[revision === 'head' ? 1 : 0] ?? {});
  const make = (): Cells => makeCells(names, grid.length * (kind === 'emas' ? PERIODS.length : 1));
  const sides = { theirs: make(), ours: make(), model: make() };
  for (const cells of [sides.theirs, sides.model])
    if (kind === 'bars' && hasBars(timeframe))
      fillTheirBars(cells, grid, { timeframe, revision, days: rows });
    else
      fillTheirEmas(cells, grid, { timeframe, periods: PERIODS, revision, days: { grid: rows, bars: rows } });
  if (kind === 'bars' && hasBars(timeframe))
    fillOurBars(sides.ours, grid, { timeframe, days: ours, isHead: revision === 'head' });
  else fillOurEmas(sides.ours, grid, { timeframe, periods: PERIODS, days: ours });
  return sides;
}

const cases = fc
  .record({
    timeframe: fc.constantFrom(...SERIES),
    revision: fc.constantFrom<Revision>('cmc', 'head'),
    kind: fc.constantFrom<'bars' | 'emas'>('bars', 'emas'),
  })
  .filter(({ timeframe, kind }) => kind === 'emas' || hasBars(timeframe))
  .map((facts): SeriesFacts => ({ ...facts, hasSplits: false }));

const isSame = (a: number, b: number) => a === b || (Number.isNaN(a) && Number.isNaN(b));

test('what the rules make is explained, and each explained cell changed by 1e-6 is not', () => {
  let explainedCells = 0;
  fc.assert(
    fc.property(histories, cases, fc.nat(), (history, facts, pick) => {
      const sides = sidesOf(pricesOf(history), facts);
      expect(judgeSeries(sides, facts).unexplained).toBe(0);
      const cells = Object.entries(sides.theirs.columns).flatMap(([name, column]) =>
        Array.from(column.keys()).flatMap((place) => {
          if (sides.theirs.present[place] !== 1) return [];
          const ours =
            sides.ours.present[place] === 1 ? (sides.ours.columns[name]?.[place] ?? Number.NaN) : null;
          return ours !== null && isSame(column[place] as number, ours) ? [] : [{ name, place, ours }];
        }),
      );
      if (cells.length === 0) return;
      for (let turn = 0; turn < 5; turn += 1) {
        const { name, place, ours } = cells[(pick + turn * 7919) % cells.length] as (typeof cells)[number];
        const column = sides.theirs.columns[name] as Float64Array;
        const value = column[place] as number;
        column[place] = Number.isNaN(value) ? 1e-6 : value + 1e-6 * Math.max(1, Math.abs(value));
        if (ours === null || !isSame(column[place] as number, ours)) {
          expect(judgeSeries(sides, facts), `${facts.timeframe.tf} ${name}`).toMatchObject({
            unexplained: 1,
          });
          explainedCells += 1;
        }
        column[place] = value;
      }
    }),
    { numRuns: 300 },
  );
  expect(explainedCells).toBeGreaterThan(500);
});

test('our EMA grid in columns is the plain one, bit for bit', () => {
  fc.assert(
    fc.property(histories, fc.constantFrom(...SERIES), (history, timeframe) => {
      const { bars } = judgePrices(pricesOf(history), 1);
      const days = columnsOfBars(bars, bars[0]?.day ?? 0);
      const grid = { firstDay: FIRST_DAY, length: history.length };
      const cells = makeCells(Object.keys(EMA_CELLS), grid.length * PERIODS.length);
      fillOurEmas(cells, grid, { timeframe, periods: PERIODS, days });
      const closed = hasBars(timeframe) ? stepBars(timeframe, null, days).closed : [];
      const closes = {
        length: closed.length,
        barSeq: Int32Array.from(closed, ({ barSeq }) => barSeq),
        day: Int32Array.from(closed, ({ lastDay }) => lastDay),
        close: Float64Array.from(closed, ({ close }) => close),
      };
      const { alignment, tf, nominalDays } = timeframe;
      const rows = dailyEmas({ alignment, tf, tfDays: nominalDays, periods: PERIODS }, days, closes);
      expect(cells.present.reduce((sum, each) => sum + each, 0)).toBe(rows.length);
      for (const { day, period, roll, ema, emaBar } of rows) {
        const place = PERIODS.indexOf(period) * grid.length + day - FIRST_DAY;
        const at = (name: string) => cells.columns[name]?.[place];
        expect([at('ema'), at('ema_bar'), at('roll')]).toEqual([ema, emaBar ?? Number.NaN, Number(roll)]);
      }
    }),
    { numRuns: 100 },
  );
});
