/** An indicator of the user's own is one like all others: the same bits as barwright's for the same arithmetic. */
import { resolve } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { advanceSet, type SetState } from '../../src/domain/indicators/advance-set.js';
import { type Indicator, parseIndicator } from '../../src/domain/indicators/name.js';
import { barColumnsOf } from '../../src/domain/indicators/series.js';
import { createIndicatorSet, type IndicatorSet } from '../../src/domain/indicators/set.js';
import { configureModules, loadOwnKinds } from '../../src/storage/own-indicators/modules.js';
import { barsOf, barsShapes, divisions, endsOf, partOf, shownOf } from '../support/indicator-cases.js';

/** Files, and what they write once more. */
const TWINS = { my_rsi: 'rsi', my_dema: 'dema', my_bands: 'bbands' } as const;

const findOwn = (name: string) => parseIndicator(name, loadOwnKinds().kinds);

beforeAll(() => {
  configureModules(
    Object.keys(TWINS).map((name) =>
      resolve(import.meta.dirname, '../fixtures/indicators', `${name.replace('_', '-')}.mjs`),
    ),
  );
  expect(loadOwnKinds().faults).toEqual([]);
});
afterAll(() => configureModules([]));

/** Every value of a series that is taken in parts, by output, and the state that it ends with. */
function takeInParts(set: IndicatorSet, columns: ReturnType<typeof barColumnsOf>, cuts: readonly number[]) {
  const values: number[][] = [];
  let before: SetState | null = null;
  let from = 0;
  for (const to of cuts) {
    const [advance] = advanceSet(set, [{ before, closed: partOf(columns, from, to), open: null }]);
    values.push(...(advance?.values ?? []).map((ofBar) => shownOf(set, ofBar)));
    before = advance?.state ?? null;
    from = to;
  }
  return { values, state: before };
}

const names = fc.tuple(
  fc.constantFrom(...(Object.keys(TWINS) as (keyof typeof TWINS)[])),
  fc.integer({ min: 1, max: 9 }),
);

test('a file that writes an indicator of barwright once more has its bits, in any division, at closes and before', () => {
  let compared = 0;
  fc.assert(
    fc.property(names, barsShapes(), divisions, ([name, n], shape, division) => {
      const numbers = name === 'my_bands' ? `${n}_2` : `${n}`;
      const indicators: Indicator[] = [
        findOwn(`${name}_${numbers}`),
        parseIndicator(`${TWINS[name]}_${numbers}`),
      ];
      const [mine, twin] = indicators.map((indicator) => createIndicatorSet([indicator])) as [
        IndicatorSet,
        IndicatorSet,
      ];
      const bars = barsOf(shape);
      const columns = barColumnsOf(bars);
      const cuts = endsOf(division, bars.length);
      const found = takeInParts(mine, columns, cuts);
      expect(found.values).toStrictEqual(takeInParts(twin, columns, [bars.length]).values);
      expect(found).toStrictEqual(takeInParts(mine, columns, [bars.length]));
      compared += found.values.flat().length;
      // The last bar, as if it were still open.
      const [preview, closed] = [mine, twin].map((set) => {
        const input = {
          before: null,
          closed: partOf(columns, 0, bars.length - 1),
          open: bars.at(-1) ?? null,
        };
        return shownOf(set, advanceSet(set, [input])[0]?.preview ?? []);
      });
      expect(preview).toStrictEqual(closed);
    }),
    { numRuns: 150 },
  );
  expect(compared).toBeGreaterThan(5_000);
});

test('series that are taken together are as they are alone', () => {
  const set = createIndicatorSet([findOwn('my_rsi_5'), findOwn('my_bands_4_2'), parseIndicator('sma_3')]);
  fc.assert(
    fc.property(fc.array(barsShapes(), { minLength: 1, maxLength: 6 }), (shapes) => {
      const inputs = shapes.map((shape) => {
        const bars = barsOf(shape);
        return { before: null, closed: barColumnsOf(bars.slice(0, -1)), open: bars.at(-1) ?? null };
      });
      expect(advanceSet(set, inputs)).toStrictEqual(inputs.flatMap((input) => advanceSet(set, [input])));
    }),
    { numRuns: 30 },
  );
});
