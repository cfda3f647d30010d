import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dayOfCivil } from '../../../domain/calendar/day.js';
import { parseNumberCell, parseTextCell, parseTimestampCell } from './cells.js';

const NOTHINGS = ['', 'NULL', 'null', 'NaN', 'nan', 'Infinity', '-Infinity', '+inf', 'INF'];

test('empty cells, NULL, NaN and Infinity are nothing, as number and as time (semantics.md §1)', () => {
  for (const text of NOTHINGS) {
    expect([text, parseNumberCell(text)]).toEqual([text, null]);
    expect([text, parseTimestampCell(text)]).toEqual([text, null]);
  }
  expect([parseTextCell(''), parseTextCell('NULL'), parseTextCell('2781')]).toEqual([null, null, '2781']);
});

test('every finite double that a program prints is read back to the bit, -0 as 0', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      for (const text of [String(value), value.toExponential(), `+${Math.abs(value)}`]) {
        const expected = text.startsWith('+') ? Math.abs(value) : value;
        expect(parseNumberCell(text)).toBe(expected === 0 ? 0 : expected);
      }
    }),
  );
  expect(Object.is(parseNumberCell('-0'), 0)).toBe(true);
  expect(parseNumberCell('2.28278E+12')).toBe(2.28278e12);
  expect([parseNumberCell('.5'), parseNumberCell('1.')]).toEqual([0.5, 1]);
});

test('text that is no plain decimal number cannot be read', () => {
  for (const text of ['abc', '1,5', '1 000', '1_000', '0x10', '1e', '.', '-', '12abc', '$1', '1e999', '１']) {
    expect([text, parseNumberCell(text)]).toEqual([text, undefined]);
  }
});

test('times are kept to the microsecond, in UTC, whatever offset they are written with', () => {
  const expected = Date.UTC(2025, 9, 26, 23, 59, 59) * 1000 + 999_000;
  for (const text of [
    '2025-10-26T23:59:59.999Z',
    '2025-10-26t23:59:59.999z',
    '2025-10-26 23:59:59.999',
    '2025-10-26 23:59:59.999000',
    '2025-10-26 23:59:59.999+00',
    '2025-10-27T01:59:59.999+02:00',
    '2025-10-27T05:29:59.999+0530',
    '2025-10-26T18:59:59.999-05:00',
  ]) {
    expect([text, parseTimestampCell(text)]).toEqual([text, expected]);
  }
  expect(parseTimestampCell('2025-10-26 00:00:00.000001')).toBe(Date.UTC(2025, 9, 26) * 1000 + 1);
  expect(parseTimestampCell('1969-12-31T23:59:59.999999Z')).toBe(-1);
});

test('digits beyond the microsecond are cut, so that the day stays the one that is named', () => {
  expect(parseTimestampCell('2025-10-26 23:59:59.9999999')).toBe(
    dayOfCivil(2025, 10, 27) * 86_400_000_000 - 1,
  );
});

test('every microsecond from 1700 to 2200 is read back as it was written', () => {
  const first = Date.UTC(1700, 0, 1);
  const last = Date.UTC(2200, 11, 31, 23, 59, 59, 999);
  fc.assert(
    fc.property(fc.integer({ min: first, max: last }), fc.integer({ min: 0, max: 999 }), (ms, micros) => {
      const text = new Date(ms).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
      expect(parseTimestampCell(text)).toBe(ms * 1000 + micros);
    }),
  );
});

test('what is not such a time cannot be read', () => {
  for (const text of [
    '2025-10-26',
    '2025-10-26T23:59:59.999',
    '2025-10-26 23:59',
    '2025-13-01T00:00:00Z',
    '2025-00-01T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2025-04-31 00:00:00',
    '2025-01-00 00:00:00',
    '2025-10-26T24:00:00Z',
    '2025-10-26T23:60:00Z',
    '2025-10-26T23:59:60Z',
    '2025-10-26T23:59:59.Z',
    '2025-10-26T23:59:59+16:00',
    '2025-10-26T23:59:59+02:60',
    '26.10.2025 23:59:59',
    '1761523199',
    '9999-12-31T00:00:00Z',
    '0000-01-01T00:00:00Z',
    'NaT',
  ]) {
    expect([text, parseTimestampCell(text)]).toEqual([text, undefined]);
  }
});

test('text that PostgreSQL or UTF-8 cannot hold cannot be read', () => {
  expect(parseTextCell('a\0b')).toBeUndefined();
  expect(parseTextCell('caf\ufffd')).toBeUndefined();
  expect(parseTextCell('Ünïcode 株')).toBe('Ünïcode 株');
});
