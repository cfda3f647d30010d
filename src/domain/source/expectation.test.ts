import { expect, test } from 'vitest';
import { expectationsOf } from './description.js';

const said = (sources: Record<string, unknown>) => expectationsOf(JSON.stringify({ sources, ours: true }));

test('each source says what is expected of it, our own table too, and a table that is typed', () => {
  const sources = {
    shares: { table: 'market.shares', calendar: 'xnys', lateAfter: 2 },
    coins: { table: 'market.coins', lateAfter: '12h' },
    cmc_price_histories7: { calendar: 'Daily' },
  };
  expect([...said(sources)]).toEqual([
    ['cmc_price_histories7', { calendar: 'daily', grace: null }],
    ['shares', { calendar: 'XNYS', grace: { days: 2, hours: 0 } }],
    ['coins', { calendar: null, grace: { days: 0, hours: 12 } }],
  ]);
  expect([...said({ cmc_price_histories7: { lateAfter: 0 } }).values()]).toEqual([
    { calendar: null, grace: { days: 0, hours: 0 } },
  ]);
  expect([...expectationsOf('market.shares day=d calendar=none')]).toEqual([
    ['market.shares', { calendar: 'none', grace: null }],
  ]);
  expect([expectationsOf(null).size, expectationsOf('market.shares').size]).toEqual([0, 0]);
});

test.each([
  [
    { a: { table: 't', calendar: 'monthly' } },
    'sources.a.calendar: daily, weekdays, none, learnt or an exchange',
  ],
  [{ a: { table: 't', calendar: 7 } }, 'sources.a.calendar: '],
  [
    { a: { table: 't', lateAfter: 'soon' } },
    'sources.a.lateAfter: expected days such as 2, or hours such as "12h"',
  ],
  [{ a: { table: 't', lateAfter: -1 } }, 'sources.a.lateAfter: '],
  [{ cmc_price_histories7: { columns: {} } }, 'sources.cmc_price_histories7.columns: of barwright'],
  [{ cmc_price_histories7: 7 }, 'sources.cmc_price_histories7: an object'],
])('%j is refused with its place', (sources, words) => {
  expect(() => said(sources)).toThrow(words);
});
