/** A year of mornings over the calendars of New York, Frankfurt, Tokyo and coins; docs/explanation/mornings.md has the table. */
import { describe, expect, test } from 'vitest';
import { listExpected } from '../../src/domain/calendar/calendar.js';
import { parseDay } from '../../src/domain/calendar/day.js';
import { CEASED_AFTER_DAYS } from '../../src/domain/calendar/lateness.js';
import {
  countFalseAlarms,
  listOutageDays,
  MARKETS,
  measureDelay,
  OUTAGES,
  type Scenario,
  truthOf,
  walkMornings,
  YEAR,
} from '../../tools/documents/mornings.js';

const named = (
  market: Scenario['market'],
  grace: number,
  vendor: Scenario['vendor'] = 'prompt',
): Scenario => ({
  ...{ market, kind: 'named', grace, vendor },
});

describe.each(MARKETS)('%s with its named calendar', (market) => {
  test('no false alarm on any morning: of a prompt vendor with any grace, of one a day late with the default', () => {
    for (const grace of [0, 1, 2, 3]) expect(countFalseAlarms(named(market, grace))).toBe(0);
    expect(countFalseAlarms(named(market, 1, 'a day late'))).toBe(0);
    expect(countFalseAlarms(named(market, 0, 'a day late'))).toBeGreaterThan(200);
  });

  test.each(Object.entries(OUTAGES))(
    'an outage of %s is named on the first morning after its grace',
    (_, assets) => {
      const truth = truthOf(market);
      for (const [index, from] of listOutageDays(market).entries()) {
        if (index % 3 !== 0) continue;
        for (const grace of [0, 1, 2]) {
          // The first morning after the session that uses the grace up.
          const last = listExpected(truth, from - 1, from + 40)[grace] as number;
          expect(measureDelay(named(market, grace), { assets, from })).toBe(last - from);
        }
      }
    },
  );

  test('only whom the outage is about is named, from that morning to the last', () => {
    const from = listOutageDays(market)[100] as number;
    const mornings = [...walkMornings(named(market, 1), { outage: { assets: [3], from }, last: from + 30 })];
    const late = mornings.filter((morning) => morning.late.length > 0);
    expect(late.every((morning) => morning.late.join() === '3')).toBe(true);
    expect(late.map(({ day }) => day)).toEqual(
      mornings.map(({ day }) => day).filter((day) => day >= (late[0]?.day ?? 0)),
    );
  });

  test('a delisted asset is late until more than thirty sessions are missing, then it has ceased', () => {
    const from = listOutageDays(market)[50] as number;
    const mornings = [...walkMornings(named(market, 1), { outage: { assets: [7], from } })];
    const ceased = mornings.filter((morning) => morning.ceased.length > 0);
    const first = ceased[0]?.day ?? 0;
    expect(listExpected(truthOf(market), from - 1, first - 1)).toHaveLength(CEASED_AFTER_DAYS + 1);
    expect(ceased.every((morning) => morning.ceased.join() === '7' && morning.late.length === 0)).toBe(true);
    expect(ceased.at(-1)?.day).toBe(YEAR.last);
    expect(mornings.filter((morning) => morning.late.length > 0).every(({ day }) => day < first)).toBe(true);
  });

  test('a dead vendor is late to the end of the year, and nobody is thought to have ceased', () => {
    const from = listOutageDays(market)[50] as number;
    const assets = Array.from({ length: 10 }, (_, id) => id);
    const mornings = [...walkMornings(named(market, 1), { outage: { assets, from } })];
    expect(mornings.at(-1)?.late).toEqual(assets);
    expect(mornings.flatMap(({ ceased }) => ceased)).toEqual([]);
  });
});

test('without holidays: a lone holiday is within the default grace, a long one of Tokyo is not', () => {
  const learnt = (market: Scenario['market']): Scenario => ({ ...named(market, 1), kind: 'learnt' });
  expect(countFalseAlarms(learnt('XNYS'))).toBe(0);
  expect(countFalseAlarms(learnt('coins'))).toBe(0);
  const alarms = [...walkMornings(learnt('XTKS'))]
    .filter(({ late }) => late.length > 0)
    .map(({ day }) => day);
  expect(alarms).toContain(parseDay('2025-05-07'));
  expect(alarms.length).toBeLessThan(10);
});
