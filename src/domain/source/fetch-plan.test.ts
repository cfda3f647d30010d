import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FetchFacts, planFetch } from './fetch-plan.js';

const TODAY = 20_000;
const FIRST = 14_610;

const ours = (...days: number[]) => days.map((day) => ({ day, isOurs: true }));
const range = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);
const facts = (change: Partial<FetchFacts>): FetchFacts => ({
  ...{ today: TODAY, stored: [], asked: new Map(), since: null },
  ...change,
});
const spansOf = (change: Partial<FetchFacts>) =>
  planFetch(facts(change), FIRST).spans.map(({ first, last }) => [first, last]);

describe('what is asked for', () => {
  test('nothing stored: everything', () => {
    expect(spansOf({})).toEqual([[FIRST, TODAY - 1]]);
  });
  test('the last ten days again, and the days since', () => {
    expect(spansOf({ stored: ours(...range(TODAY - 40, TODAY - 1)) })).toEqual([[TODAY - 10, TODAY - 1]]);
    expect(spansOf({ stored: ours(...range(TODAY - 40, TODAY - 5)) })).toEqual([[TODAY - 14, TODAY - 1]]);
    expect(spansOf({ stored: ours(TODAY - 2, TODAY - 1) })).toEqual([[TODAY - 2, TODAY - 1]]);
  });
  test('days of another source are left as they are', () => {
    const stored = range(TODAY - 40, TODAY - 3).map((day) => ({ day, isOurs: false }));
    const plan = planFetch(facts({ stored }), FIRST);
    expect(plan.spans).toEqual([{ first: TODAY - 2, last: TODAY - 1 }]);
    expect(plan.kept.has(TODAY - 3)).toBe(true);
  });
  test('--since asks for everything from there on', () => {
    const stored = range(TODAY - 40, TODAY - 3).map((day) => ({ day, isOurs: false }));
    const plan = planFetch(facts({ stored, since: TODAY - 20 }), FIRST);
    expect(plan).toEqual({ spans: [{ first: TODAY - 20, last: TODAY - 1 }], kept: new Set(), holes: [] });
    expect(spansOf({ since: TODAY })).toEqual([]);
  });
});

describe('a hole', () => {
  const stored = ours(...range(TODAY - 900, TODAY - 500), ...range(TODAY - 490, TODAY - 1));
  const asked = (times: number, daysAgo: number) =>
    new Map(range(TODAY - 499, TODAY - 491).map((day) => [day, { times, lastAsked: TODAY - daysAgo }]));
  const recent = [TODAY - 10, TODAY - 1];
  test('is asked for each time, as a question of its own where it is far', () => {
    expect(spansOf({ stored })).toEqual([[TODAY - 499, TODAY - 491], recent]);
    expect(spansOf({ stored, asked: asked(6, 0) })).toHaveLength(2);
  });
  test('that stayed empty seven times is asked for once in thirty days', () => {
    expect(spansOf({ stored, asked: asked(7, 29) })).toEqual([recent]);
    expect(spansOf({ stored, asked: asked(7, 30) })).toHaveLength(2);
    expect(spansOf({ stored, asked: asked(99, 31) })).toHaveLength(2);
  });
});

test('law: every day that is due is in one span, spans ascend, and no other source is overwritten', () => {
  const gaps = fc.array(fc.tuple(fc.integer({ min: 1, max: 160 }), fc.boolean()), {
    minLength: 1,
    maxLength: 60,
  });
  fc.assert(
    fc.property(gaps, (steps) => {
      let day = TODAY;
      const stored = steps
        .map(([gap, isOurs]) => {
          day -= gap;
          return { day, isOurs };
        })
        .reverse();
      const { spans, kept, holes } = planFetch(facts({ stored }), FIRST);
      const isAsked = (each: number) => spans.some(({ first, last }) => each >= first && each <= last);
      for (const hole of holes) expect(isAsked(hole)).toBe(true);
      const known = new Set(stored.map((each) => each.day));
      for (const each of range(stored[0]?.day ?? TODAY, TODAY - 1))
        if (!known.has(each)) expect(isAsked(each)).toBe(true);
      for (const each of stored) expect(kept.has(each.day)).toBe(!each.isOurs);
      for (const [index, { first, last }] of spans.entries()) {
        expect(first).toBeLessThanOrEqual(last);
        expect(last).toBeLessThan(TODAY);
        expect(first).toBeGreaterThan(spans[index - 1]?.last ?? Number.NEGATIVE_INFINITY);
      }
    }),
    { numRuns: 200 },
  );
});
