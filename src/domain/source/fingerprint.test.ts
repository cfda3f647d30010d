import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  hashInFormOf,
  hashOfSum,
  isSameRows,
  joinRows,
  NO_ROWS,
  otherHash,
  storedHash,
} from './fingerprint.js';

const hashes = fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), { maxLength: 30 });
const printOf = (rows: readonly bigint[]) => ({
  rows: rows.length,
  hash: hashOfSum(String(rows.reduce((sum, hash) => sum + hash, 0n))),
});

test('the fingerprint of disjoint sets is that of their union, in whatever order the rows come', () => {
  fc.assert(
    fc.property(hashes, hashes, (a, b) => {
      expect(joinRows(printOf(a), printOf(b))).toEqual(printOf([...b, ...a].reverse()));
      expect(joinRows(printOf(a), NO_ROWS)).toEqual(printOf(a));
    }),
  );
});

test('rows that are there twice do not cancel: other rows twice are another fingerprint', () => {
  fc.assert(
    fc.property(
      hashes,
      fc.bigInt({ min: 0n, max: 2n ** 62n }),
      fc.bigInt({ min: 0n, max: 2n ** 62n }),
      (rest, a, b) => {
        fc.pre(a !== b);
        expect(printOf([...rest, a, a]).hash).not.toBe(printOf([...rest, b, b]).hash);
      },
    ),
  );
});

test('it is a signed number of 64 bits, so it fits a bigint', () => {
  expect(hashOfSum(String(2n ** 63n))).toBe(String(-(2n ** 63n)));
  expect(hashOfSum(String(2n ** 64n + 5n))).toBe('5');
});

test('a stored one is compared in its own form', () => {
  const seen = { rows: 2, hash: '40', xor: '7' };
  expect(isSameRows({ rows: 2, hash: '40' }, seen)).toBe(true);
  expect(isSameRows({ rows: 2, hash: storedHash('7', true) }, seen)).toBe(true);
  expect(isSameRows({ rows: 2, hash: storedHash('40', true) }, seen)).toBe(false);
  expect(isSameRows({ rows: 3, hash: '40' }, seen)).toBe(false);
  expect(hashInFormOf(null, seen)).toBe('40');
  for (const hash of ['40', storedHash('7', true)])
    expect(isSameRows({ rows: 2, hash: otherHash(hash) }, seen)).toBe(false);
});
