import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEpoch } from './day-text.js';

/** From 1973 on seconds, and everything smaller, are known by their size. */
const instants = fc.bigInt({ min: 100_000_000n, max: 7_000_000_000n });

test('an instant is the same in seconds, milliseconds, microseconds and nanoseconds', () => {
  fc.assert(
    fc.property(instants, fc.bigInt({ min: 0n, max: 999_999n }), (seconds, micros) => {
      const us = seconds * 1_000_000n + micros;
      const found = { us: Number(us), isDate: false };
      expect(parseEpoch(`${seconds}`)).toEqual({ us: Number(seconds * 1_000_000n), isDate: false });
      expect(parseEpoch(`${us / 1_000n}`)).toEqual({ us: Number((us / 1_000n) * 1_000n), isDate: false });
      expect(parseEpoch(`${us}`)).toEqual(found);
      expect(parseEpoch(`${us}123`)).toEqual(found);
      expect(parseEpoch(`${us}123.9`)).toEqual(found);
    }),
  );
});

test('parts of a second, and an exponent as spreadsheets write it', () => {
  expect(parseEpoch('1700000000.25')).toEqual({ us: 1_700_000_000_250_000, isDate: false });
  expect(parseEpoch('1.7E+12')).toEqual({ us: 1_700_000_000_000_000, isDate: false });
  expect(parseEpoch('-86400')).toEqual({ us: -86_400_000_000, isDate: false });
});

test.each(['', 'x', '12:30', '1e', '0x10', '99999999999999999999999'])('no epoch: "%s"', (text) => {
  expect(parseEpoch(text)).toBeUndefined();
});
