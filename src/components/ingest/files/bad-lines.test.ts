import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createIngestFixture, HEADER, type IngestFixture, line } from '../../../../test/support/ingest.js';

let fixture: IngestFixture;

beforeAll(async () => {
  fixture = await createIngestFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

describe('a bad line', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    [
      'text in a number',
      line(2, '1O5'),
      'column close: expected a number like 1234.5 or 2.28E+12, or an empty cell, found "1O5"',
    ],
    ['a decimal comma', line(2, '1,5'), 'column close: expected a number'],
    ['a number beyond a double', line(2, '1e999'), 'column close: expected a number'],
    [
      'a time that does not exist',
      line(2).replace('02T05', '02T25'),
      'column timeHigh: expected a time like',
    ],
    ['no timestamp', line(2).replace(/[^;]*$/, ''), 'column timestamp: expected a time like'],
    ['a timestamp that is nothing', line(2).replace(/[^;]*$/, 'NULL'), 'found "NULL"'],
    [
      'too few cells',
      line(2).replace(';1000', ''),
      'expected 13 cells separated by ";", found "12 cells: 2025',
    ],
    ['too many cells', `${line(2)};`, 'expected 13 cells separated by ";", found "14 cells: 2025'],
    [
      'a quote that is not closed',
      line(2).replace('2781', '"2781'),
      'expected a closing quote on the same line',
    ],
    ['a NUL', line(2).replace('2781', 'a\0b'), 'column name: expected text in UTF-8'],
  ];
  for (const [what, bad, message] of cases) {
    test(`${what}: stops the file with its line and stores nothing, or is left out alone when asked`, async () => {
      const content = [HEADER, line(1), '', bad, line(3)];
      const failure = await fixture.ingest(content).catch((error: unknown) => error);
      expect(failure).toMatchObject({ name: 'BadLineError' });
      expect(String(failure)).toContain('.csv line 4');
      expect(String(failure)).toContain(message);
      expect(await fixture.query('select count(*) from cmc_price_histories7')).toEqual([[0]]);
      expect(await fixture.query('select count(*) from dim_assets')).toEqual([[0]]);
      const report = await fixture.ingest(content, { skipBadRows: true });
      expect(report).toMatchObject({ lines: 3, newRows: 2, badLines: 1, firstBad: [{ line: 4 }] });
      expect((await fixture.storedCloses()).map(([day]) => day)).toEqual([1, 3]);
    });
  }

  test('a file of bad lines only is no success, stores nothing and registers no asset', async () => {
    const refused = fixture.ingest([HEADER, 'x', 'y'], { skipBadRows: true });
    await expect(refused).rejects.toThrow(
      /^none of the 2 lines of this file can be taken, so nothing was stored: \S+ line 2: expected 13 cells/,
    );
    expect(await fixture.query('select count(*) from dim_assets')).toEqual([[0]]);
  });

  test('a file without a single close above zero is no success, stores nothing and registers no asset', async () => {
    const [first, second] = [line(1, ''), line(2, 0)];
    await expect(fixture.ingest([HEADER, first, second])).rejects.toThrow(
      /^no line of \S+\.csv has a close above zero, and a day without one makes no bar, so nothing was stored$/,
    );
    expect(await fixture.query('select count(*) from dim_assets')).toEqual([[0]]);
    expect(await fixture.ingest([HEADER, first, second, line(3)])).toMatchObject({ newRows: 3 });
  });

  test('of very many is counted, and named only at first: memory stays bounded', async () => {
    const bad = Array.from({ length: 500 }, () => 'x');
    const report = await fixture.ingest([HEADER, ...bad, line(1)], { skipBadRows: true });
    expect(report).toMatchObject({ badLines: 500, newRows: 1 });
    expect(report.firstBad).toHaveLength(20);
  });
});

describe('a truncated file', () => {
  const whole = [HEADER, line(2), line(1)].join('\n');
  const zoneless = whole.replaceAll(/T(\d\d:\d\d:\d\d\.\d+)Z/g, ' $1');
  for (const [name, text] of [
    ['with zones', whole],
    ['without zones', zoneless],
  ] as const) {
    test(`${name} is noticed wherever the last line is cut`, async () => {
      const start = text.lastIndexOf('\n') + 1;
      for (let end = start + 1; end < text.length; end += end > text.length - 30 ? 1 : 7) {
        await expect(fixture.ingest(text.slice(0, end)), text.slice(start, end)).rejects.toThrow('line 3');
      }
      await expect(fixture.ingest(text)).resolves.toMatchObject({ newRows: 2 });
    });
  }

  test('that is empty, or ends with the header, is no success', async () => {
    await expect(fixture.ingest('')).rejects.toThrow('is empty: expected a header line');
    await expect(fixture.ingest(`${HEADER}\n`)).rejects.toThrow('has a header but no lines');
  });
});
