import { describe, expect, test } from 'vitest';
import { agreed, CURRENCY_NUMBERS, claimOfRow, currencyOfCode, currencyOfMarket } from './currency.js';

test('the numbers of CoinMarketCap: the ends of each run, and a few between', () => {
  const known = { 1: 'BTC', 2781: 'USD', 2790: 'EUR', 2791: 'GBP', 2797: 'JPY', 2811: 'TWD', 2824: 'UAH' };
  const rare = { 2832: 'BOB', 3526: 'ALL', 3555: 'MDL', 3559: 'NAD', 3564: 'QAR', 3573: 'VES' };
  for (const [number, code] of Object.entries({ ...known, ...rare }))
    expect(CURRENCY_NUMBERS.get(Number(number)), number).toBe(code);
  expect(new Set(CURRENCY_NUMBERS.values()).size).toBe(CURRENCY_NUMBERS.size);
  expect(CURRENCY_NUMBERS.get(2825)).toBeUndefined();
});

describe('a code', () => {
  test('is compared in upper case, and dollar tokens count as dollars', () => {
    expect(currencyOfCode(' eur ')).toEqual({ code: 'EUR', token: null });
    for (const token of ['USDT', 'usdc', 'FDUSD'])
      expect(currencyOfCode(token)).toEqual({ code: 'USD', token: token.toUpperCase() });
  });
  test('is none when it holds anything but letters and digits', () => {
    for (const text of ['', 'U', '12', 'US D', "U'SD", 'A'.repeat(13)])
      expect(currencyOfCode(text)).toBeNull();
  });
  test('of a market is what stands behind the slash, whatever it settles in', () => {
    expect(currencyOfMarket('BTC/EUR')?.code).toBe('EUR');
    expect(currencyOfMarket('BTC/USDT:USDT')).toEqual({ code: 'USD', token: 'USDT' });
    expect(currencyOfMarket('BTCUSDT')).toBeNull();
  });
});

test('what a stored row says', () => {
  const claims = [
    [{ name: '2790', source: 'x.csv' }, 'EUR', 'money', null],
    [{ name: '99999', source: 'x.csv' }, null, null, '99999'],
    [{ name: 'Bitcoin', source: 'x.csv' }, null, null, null],
    [{ name: null, source: 'binance BTC/USDT' }, 'USD', 'coins', null],
    [{ name: null, source: 'CoinMarketCap API' }, 'USD', 'money', null],
    [{ name: null, source: null }, null, null, null],
  ] as const;
  for (const [row, code, volume, unknownNumber] of claims) {
    const claim = claimOfRow(row);
    expect([claim.currency?.code ?? null, claim.volume, claim.unknownNumber]).toEqual([
      code,
      volume,
      unknownNumber,
    ]);
  }
});

test('claims agree when those that say anything say the same', () => {
  expect(agreed(['USD', null, 'USD'])).toBe('USD');
  expect(agreed(['USD', 'EUR'])).toBeNull();
  expect(agreed([null])).toBeNull();
});
