import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import {
  createIngestFixture,
  HEADER,
  type IngestFixture,
  line,
  NO_FLAGS,
} from '../../../../test/support/ingest.js';
import { sharedFile } from '../../../../test/support/shared.js';
import { dayOfCivil } from '../../../domain/calendar/day.js';
import { ingestFile } from './ingest-file.js';

let fixture: IngestFixture;

beforeAll(async () => {
  fixture = await createIngestFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

test('whatever rows a file has, what is stored is what they say', async () => {
  const price = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null });
  const time = fc.option(fc.integer({ min: -(2 ** 42), max: 2 ** 42 }), { nil: null });
  const row = fc.record({
    key: fc.integer({ min: 0, max: 30_000 }),
    // Those of open and close are the day's, or not known.
    hasBounds: fc.boolean(),
    extremes: fc.tuple(time, time),
    name: fc.option(
      fc.string({ maxLength: 8 }).map((text) => `x${text.replaceAll(/[\0\n\r]/g, '')}`.trim()),
      { nil: null },
    ),
    numbers: fc.tuple(price, price, price, price, price, price, price),
  });
  // A file without a single close above zero is refused.
  const rows = fc
    .uniqueArray(row, { selector: ({ key }) => key, minLength: 1, maxLength: 12 })
    .filter((given) => given.some(({ numbers: [, , , close] }) => close !== null && close > 0));
  await fc.assert(
    fc.asyncProperty(
      rows,
      fc.constantFrom(';', ','),
      fc.constantFrom('\n', '\r\n'),
      async (given, separator, end) => {
        const lines = given.map(({ name, numbers, key, ...row }) =>
          [
            ...timesOf({ key, ...row }).map(isoOfMs),
            quote(name),
            ...numbers.map((value) => value ?? ''),
            isoOfMs(key * 86_400_000),
          ].join(separator),
        );
        const content = [HEADER.replaceAll(';', separator), ...lines, ''].join(end);
        await fixture.database.transaction((tx) => tx.execute('truncate cmc_price_histories7'));
        expect(await fixture.ingest(content, { chunkBytes: 200 })).toMatchObject({ newRows: given.length });
        const expected = given
          .toSorted((a, b) => a.key - b.key)
          .map(({ key, name, numbers, ...row }) => [
            key * 86_400_000_000,
            ...timesOf({ key, ...row }).map((ms) => (ms === null ? null : ms * 1000)),
            name,
            ...numbers.map((value) => (value === 0 ? 0 : value)),
          ]);
        expect(
          await fixture.query(`select timestamp, timeopen, timeclose, timehigh, timelow, name, open, high, low, close, volume,
          marketcap, circulatingsupply from cmc_price_histories7 order by 1`),
        ).toEqual(expected);
      },
    ),
    { numRuns: 60 },
  );
});

interface RowTimes {
  key: number;
  hasBounds: boolean;
  extremes: [number | null, number | null];
}

function timesOf({ key, hasBounds, extremes }: RowTimes): (number | null)[] {
  const startMs = key * 86_400_000;
  return [...(hasBounds ? [startMs, startMs + 86_399_999] : [null, null]), ...extremes];
}

function isoOfMs(ms: number | null): string {
  return ms === null ? '' : new Date(ms).toISOString();
}

function quote(name: string | null): string {
  return name === null ? '' : `"${name.replaceAll('"', '""')}"`;
}

test('200,000 lines are read in batches of bounded size', async () => {
  const lines: string[] = [HEADER];
  for (let index = 0; index < 200_000; index += 1) {
    // Two lines for every hour, without times: half of the file loses as duplicates.
    const stamp = new Date((index >> 1) * 3_600_000).toISOString();
    lines.push(
      line(1)
        .replace(/^[^;]*;[^;]*/, ';')
        .replace(/[^;]*$/, stamp),
    );
  }
  const sizes: number[] = [];
  let before = 0;
  const report = await fixture.ingest(lines, {
    onProgress: ({ bytes, totalBytes }) => {
      sizes.push(bytes - before);
      before = bytes;
      expect(totalBytes).toBeGreaterThan(20_000_000);
    },
  });
  expect(report).toMatchObject({ lines: 200_000, newRows: 100_000, duplicates: 100_000 });
  expect(report.firstDuplicates).toHaveLength(20);
  expect(sizes.length).toBeGreaterThan(20);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(1 << 20);
});

const realFile = sharedFile('data/btcusd.csv');
if (realFile !== null) {
  test('data/btcusd.csv has 3,952 days without a gap; a second ingest finds all of them unchanged', async () => {
    const options = { ...NO_FLAGS, path: realFile, id: 1 };
    expect(await ingestFile(fixture.database, options)).toMatchObject({
      asset: { id: 1, symbol: 'BTC', name: 'Bitcoin' },
      separator: ',',
      lines: 3952,
      newRows: 3952,
      badLines: 0,
      duplicates: 0,
      firstDay: dayOfCivil(2015, 1, 1),
      lastDay: dayOfCivil(2025, 10, 26),
      earliestChangedDay: dayOfCivil(2015, 1, 1),
      stored: { days: 3952, gapDays: 0, firstGaps: [] },
    });
    expect(await ingestFile(fixture.database, options)).toMatchObject({
      newRows: 0,
      changedRows: 0,
      unchangedRows: 3952,
      earliestChangedDay: null,
    });
    // The same file in another reading: csv-parse for the lines, Date.parse and Number for the cells.
    const times = ['timestamp', 'timeOpen', 'timeClose', 'timeHigh', 'timeLow'];
    const numbers = ['open', 'high', 'low', 'close', 'volume', 'marketCap'];
    const records: Record<string, string>[] = parse(await readFile(realFile), {
      columns: (names: string[]) => names.map((name) => name.trim()),
    });
    const stored = await fixture.query(
      `select ${[...times, ...numbers].join(', ')}, name from cmc_price_histories7 order by timestamp desc`,
    );
    expect(stored).toEqual(
      records.map((record) => [
        ...times.map((name) => Date.parse(record[name] ?? '') * 1000),
        ...numbers.map((name) => Number(record[name])),
        record.name,
      ]),
    );
  });
}
