import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitCells } from './records.js';

test('cells are trimmed, quotes taken off, empty cells kept', () => {
  expect(splitCells([' a ; "b;c" ;', 'd;"e""f";g', ';;'], ';')).toEqual([
    ['a', 'b;c', ''],
    ['d', 'e"f', 'g'],
    ['', '', ''],
  ]);
});

test('a stray quote costs its own line and none of those after it', () => {
  const lines = ['1,2', '"3,4', '5,6', '7",8', '9,"x"y', '10,"11"'];
  expect(splitCells(lines, ',')).toEqual([
    ['1', '2'],
    { expected: 'a closing quote on the same line' },
    ['5', '6'],
    { expected: 'quotes around a whole cell only' },
    { expected: 'the separator or the end of the line after a closing quote' },
    ['10', '11'],
  ]);
});

test('lines of plain cells split as they were joined, whatever the cells hold', () => {
  const cell = fc.string({ maxLength: 8 }).map((text) => text.replaceAll(/[",\n]/g, '_').trim());
  const cells = fc.array(cell, { minLength: 2, maxLength: 5 }).filter(([first]) => first !== '');
  fc.assert(
    fc.property(fc.array(cells, { minLength: 1, maxLength: 8 }), (rows) => {
      const plain = splitCells(
        rows.map((row) => row.join(',')),
        ',',
      );
      const quoted = splitCells(
        rows.map((row) => row.map((text) => `"${text}"`).join(',')),
        ',',
      );
      expect(plain).toEqual(rows);
      expect(quoted).toEqual(rows);
    }),
  );
});

test('without a quote, splitting at the separator is what csv-parse does', () => {
  const text = fc.string({ maxLength: 20 }).map((value) => `x${value.replaceAll(/["\n]/g, '; ')}`);
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 6 }), (lines) => {
      const options = { delimiter: ';', record_delimiter: '\n', trim: true, relax_column_count: true };
      expect(splitCells(lines, ';')).toEqual(parse(lines.join('\n'), options));
    }),
  );
});
