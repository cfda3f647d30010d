/** The layouts of ../shared/cases/formats: what each holds is what must be stored. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ingestFile } from '../../src/components/ingest/files/ingest-file.js';
import { formatDay } from '../../src/domain/calendar/day.js';
import { createFileFixture, type FileFixture } from '../support/files/fixture.js';
import { NO_FLAGS } from '../support/ingest.js';
import { sharedFile } from '../support/shared.js';

let fixture: FileFixture;

beforeAll(async () => {
  fixture = await createFileFixture();
});
afterAll(() => fixture.drop());

const NAMES = [
  ...['alphavantage.json', 'binance-klines-ms.csv', 'ccxt-ohlcv.json', 'coinbase-candles.json'],
  ...['cryptodatadownload.csv', 'kaggle-coin.csv', 'kraken-ohlcvt.csv', 'prices.parquet'],
  ...['tradingview.csv', 'yahoo.csv', 'yahoo.csv.gz', 'expected.csv'],
];
const expectedFile = sharedFile('cases/formats/expected.csv');

if (expectedFile !== null) {
  const expected: string[][] = parse(readFileSync(expectedFile), { from_line: 2 });
  test.each(NAMES)('%s', async (name) => {
    await fixture.clear();
    const path = expectedFile.replace('expected.csv', name);
    const report = await ingestFile(fixture.database, { ...NO_FLAGS, path, symbol: 'MADE' });
    expect(report).toMatchObject({ file: basename(path), newRows: 30, badLines: 0 });
    const stored = await fixture.days(report.asset.id);
    const days = stored.map(([day = 0, ...prices]) => [formatDay(day), ...prices.slice(0, 4)]);
    expect(days).toEqual(expected.map(([day, ...prices]) => [day, ...prices.slice(0, 4).map(Number)]));
    // Yahoo counts whole units.
    const toPrecision = (volume: number) => (name.startsWith('yahoo') ? Math.trunc(volume) : volume);
    expect(stored.map((row) => row[5])).toEqual(expected.map((row) => toPrecision(Number(row[5]))));
  });
}

const doorFile = sharedFile('cases/door/01-hourly.csv');
if (doorFile !== null) {
  const door = (name: string) => doorFile.replace('01-hourly.csv', name);
  test('an hourly and a weekly file are refused by name, and a daily day stays', async () => {
    await fixture.clear();
    const load = (name: string, skipBadRows = false) =>
      ingestFile(fixture.database, { ...NO_FLAGS, path: door(name), id: 7, skipBadRows });
    await expect(load('01-hourly.csv')).rejects.toThrow(
      /01-hourly\.csv line 2: expected .* \(this is an hourly row\)/,
    );
    await expect(load('01-hourly.csv', true)).rejects.toThrow('none of the 24 lines');
    await load('02-daily.csv');
    await expect(load('02-weekly.csv')).rejects.toThrow(/02-weekly\.csv line 2: .* \(this is a weekly row\)/);
    const stored = await fixture.days(7);
    expect(stored).toHaveLength(7);
    expect(stored.at(-1)?.slice(1)).toEqual([16, 18, 15, 17, 1000]);
    await expect(load('10-all-lines-bad.csv', true)).rejects.toThrow('none of the 1 lines');
  });

  test('another currency is refused, and a jump is stored and named', async () => {
    await fixture.clear();
    const load = (name: string, id: number) =>
      ingestFile(fixture.database, { ...NO_FLAGS, path: door(name), id });
    await load('05-usd.csv', 7);
    const before = await fixture.days(7);
    await expect(load('05-eur.csv', 7)).rejects.toThrow(
      /in EUR, and those that are stored of id 7 are in USD/,
    );
    expect(await fixture.days(7)).toEqual(before);
    const { newRows, judged } = await load('15-jump-1000x.csv', 8);
    expect(newRows).toBeGreaterThan(0);
    expect(judged.findings.first).toEqual([
      expect.stringMatching(/^\d{4}-\d\d-\d\d: close is 1,000(?:\.\d+)? times/),
    ]);
  });
}
