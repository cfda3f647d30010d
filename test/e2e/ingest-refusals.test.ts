/** Files that are refused: each says what it is, and the command that it prints takes it, or there is none. */
import { rm } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { Command } from 'commander';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OptionValues } from '../../src/cli/option-types.js';
import { withOptions } from '../../src/cli/options.js';
import type { IngestOptions } from '../../src/components/ingest/ingest-file.js';
import { dayOfCivil } from '../../src/domain/day.js';
import { makeDays } from '../support/files/days.js';
import { createFileFixture, type FileFixture } from '../support/files/fixture.js';

let fixture: FileFixture;

beforeAll(async () => {
  fixture = await createFileFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

/** The flags of a command line as a shell would split it. */
function typed(line: string): Partial<IngestOptions> {
  const words = [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const flags = ['id', 'symbol', 'map', 'dateFormat', 'decimal', 'zone', 'adjusted', 'skipBadRows'] as const;
  const command = withOptions(new Command('ingest').argument('<file>').exitOverride(), flags);
  command.parse(words.slice(2), { from: 'user' });
  const { adjusted, ...values } = command.opts<OptionValues>();
  return { ...values, ...(adjusted ? { isAdjusted: true } : {}) } as Partial<IngestOptions>;
}

const commandsIn = (message: string) =>
  [...message.matchAll(/barwright ingest (?:'[^']*'|[^;'\s])+(?:\s+(?:'[^']*'|[^;'\s]+))*/g)].map(
    ([line]) => line,
  );

const DAYS = makeDays(30);
const rows = (make: (day: (typeof DAYS)[number], index: number) => string) => DAYS.map(make).join('\n');
const dmy = (day: number) => new Date(day * 86_400_000).toISOString().slice(0, 10).split('-').reverse();

describe('what takes a flag says so, and the command that it prints takes it', () => {
  /** What is written, what is said, and which of the commands is right. */
  const cases: readonly (readonly [string, string | Uint8Array, RegExp, number])[] = [
    [
      'a date that could be two days',
      `Date,Open,High,Low,Close\n03/04/2024,1,2,0.5,1\n04/04/2024,1,2,0.5,1\n`,
      /line 2: "03\/04\/2024" could be two days, 2024-04-03 or 2024-03-04, and no day of the file settles it/,
      0,
    ],
    [
      'a number that could be two',
      'Date;Open;High;Low;Close\n2024-01-01;1.234;2.345;1.111;1.500\n2024-01-02;1.234;2.345;1.111;1.500\n',
      /line 2: "1\.234" could be 1\.234 or 1234/,
      1,
    ],
    [
      'names of another language',
      `Datum;Eröffnung;Tageshoch;Tagestief;Schlusskurs;Stück\n${rows(
        ({ day, ...p }) =>
          `${dmy(day).join('.')};${[p.open, p.high, p.low, p.close].map((n) => n.toLocaleString('de-DE')).join(';')};${p.volume}`,
      )}`,
      /none that barwright knows; it has "Datum", "Eröffnung"/,
      0,
    ],
    [
      'a table without a header, in no order that is known',
      rows(({ day, ...p }) => `x,${p.close},${p.high},${dmy(day).reverse().join('-')},${p.low},${p.open},7`),
      /no header and 7 columns/,
      0,
    ],
    [
      'days of New York, as yfinance writes them',
      `Date,Open,High,Low,Close,Volume\n${rows(({ day, ...p }) => `${dmy(day).reverse().join('-')} 00:00:00-05:00,${p.open},${p.high},${p.low},${p.close},${p.volume}`)}`,
      /line 2, column Date: .* a day of another time zone/,
      0,
    ],
    [
      'sessions by their opening',
      `time,open,high,low,close\n${rows(({ day, ...p }) => `${day * 86_400 + 52_200},${p.open},${p.high},${p.low},${p.close}`)}`,
      /line 2, column time: .*14:30/,
      0,
    ],
  ];
  test.each(cases)('%s', async (_what, content, says, right) => {
    const message = await fixture.refusal('prices.csv', content);
    expect(message).toMatch(says);
    const commands = commandsIn(message);
    expect(commands[right], message).toBeDefined();
    const report = await fixture.load('prices.csv', content, typed(commands[right] ?? ''));
    expect(report.newRows).toBeGreaterThan(0);
    expect(report.badLines).toBe(0);
    const lines = typeof content === 'string' ? content.trim().split('\n') : [];
    if (lines.length > 20) {
      const stored = await fixture.days(report.asset.id);
      expect(stored.map((row) => row.slice(0, 5))).toEqual(
        DAYS.map((d) => [d.day, d.open, d.high, d.low, d.close]),
      );
    }
  });

  test('a file of several assets is read one asset at a time', async () => {
    const content =
      'symbol,date,open,high,low,close\nMADE,2024-01-01,1,2,0.5,1\nOTHER,2024-01-01,5,6,4,5\nMADE,2024-01-02,1,2,0.5,1\n';
    const message = await fixture.refusal('prices.csv', content, { symbol: null });
    expect(message).toMatch(/"prices\.csv".*--symbol/);
    expect(await fixture.refusal('prices.csv', content, { id: 5 })).toMatch(
      /line 3: expected rows of one asset, found "OTHER" after "MADE"/,
    );
    expect(await fixture.load('prices.csv', content, { symbol: 'MADE' })).toMatchObject({
      lines: 2,
      newRows: 2,
    });
    expect(await fixture.load('prices.csv', content, { symbol: 'OTHER' })).toMatchObject({
      lines: 1,
      newRows: 1,
    });
    expect((await fixture.days(1_000_000_002)).map((row) => row[1])).toEqual([5]);
  });

  test('both readings of a day, and of a number, are the two that are said', async () => {
    const content = 'Date,Open,High,Low,Close\n03/04/2024,1,2,0.5,1\n';
    const [first = '', second = ''] = commandsIn(await fixture.refusal('prices.csv', content));
    await fixture.load('prices.csv', content, { ...typed(first), symbol: 'A' });
    await fixture.load('prices.csv', content, { ...typed(second), symbol: 'B' });
    expect((await fixture.days(1_000_000_001)).map(([day]) => day)).toEqual([dayOfCivil(2024, 4, 3)]);
    expect((await fixture.days(1_000_000_002)).map(([day]) => day)).toEqual([dayOfCivil(2024, 3, 4)]);
  });

  test('milliseconds of 1970 are no seconds, beside those of later years and alone', async () => {
    const rows = (days: readonly number[]) =>
      `time,open,high,low,close\n${days.map((day) => `${day * 86_400_000},1,2,0.5,1`).join('\n')}\n`;
    for (const days of [
      [-1, 0, 1, 2, 3],
      [1155, 1156, 1157, 1158, 1159],
    ]) {
      await fixture.clear();
      const { asset } = await fixture.load('old.csv', rows(days));
      expect((await fixture.days(asset.id)).map(([day]) => day)).toEqual(days);
    }
  });

  test('one day above the twelfth settles all of a file', async () => {
    const content = 'Date,Open,High,Low,Close\n03/04/2024,1,2,0.5,1\n03/13/2024,1,2,0.5,1\n';
    const { asset } = await fixture.load('prices.csv', content);
    expect((await fixture.days(asset.id)).map(([day]) => day)).toEqual([
      dayOfCivil(2024, 3, 4),
      dayOfCivil(2024, 3, 13),
    ]);
  });
});

describe('what is no daily file is refused whole, with what it is', () => {
  const HEAD = 'time,open,high,low,close';
  const stamps = (stepHours: number) =>
    `${HEAD}\n${Array.from({ length: 30 }, (_, row) => `${1_704_067_200 + row * stepHours * 3600},1,2,0.5,1`).join('\n')}\n`;
  const monthly = `Date,Open,High,Low,Close\n${Array.from({ length: 12 }, (_, month) => `2024-${String(month + 1).padStart(2, '0')}-01,1,2,0.5,1`).join('\n')}\n`;
  const zip = Buffer.from(`504b0506${'00'.repeat(18)}`, 'hex');
  const cases: readonly (readonly [string, string, string | Uint8Array, RegExp])[] = [
    ['hourly rows', 'a.csv', stamps(1), /found an hourly row after 2024-01-01/],
    ['rows of four hours', 'a.csv', stamps(4), /found an intraday row \(4 hours\)/],
    ['weekly rows', 'a.csv', stamps(24 * 7), /found a weekly row/],
    ['monthly rows', 'a.csv', monthly, /found a monthly row/],
    ['a web page', 'a.csv', '\n<!DOCTYPE html><html></html>', /is a web page/],
    [
      'a workbook of Excel',
      'a.xls',
      Buffer.from('d0cf11e0a1b11ae1'.repeat(9), 'hex'),
      /is an old Excel workbook/,
    ],
    ['an empty ZIP archive', 'a.zip', zip, /is a ZIP archive without a file of prices/],
    ['bytes', 'a.csv', Buffer.from(Array.from({ length: 999 }, (_, i) => (i * 7) % 32)), /is no text/],
    ['half a gzip file', 'a.gz', gzipSync(monthly).subarray(0, 40), /damaged or not whole/],
    [
      'gzip in gzip in gzip in gzip',
      'a.gz',
      [1, 2, 3, 4].reduce<Uint8Array>((b) => gzipSync(b), Buffer.from('x')),
      /packed more than 3 times/,
    ],
    [
      'half a Parquet file',
      'a.parquet',
      Buffer.from('PAR1aaaaaaaaaaaaaaaa'),
      /damaged, or no whole Parquet file/,
    ],
    [
      'half an Arrow file',
      'a.arrow',
      Buffer.from('ARROW1\0\0aaaaaaaaaaaa'),
      /damaged, or no whole Arrow file/,
    ],
    [
      'a table without prices',
      'a.csv',
      'date,price\n2024-01-01,1\n',
      /without open, high, low, close; it has "date", "price"/,
    ],
    [
      'an error of a server',
      'a.json',
      '{"Error Message": "the parameter apikey is invalid"}',
      /it says: "the parameter apikey is invalid"/,
    ],
    ['a header alone', 'a.csv', 'Date,Open,High,Low,Close\n', /has a header but no lines after it/],
  ];
  test.each(cases)('%s', async (_what, file, content, says) => {
    for (const skipBadRows of [false, true])
      expect(await fixture.refusal(file, content, { skipBadRows })).toMatch(says);
    expect(await fixture.database.read((tx) => tx.query('select id from cmc_price_histories7'))).toEqual([]);
    expect(await fixture.database.read((tx) => tx.query('select id from dim_assets'))).toEqual([]);
    await rm(`${fixture.folder}/${file}`);
  });
});

describe('raw and adjusted prices', () => {
  const content =
    'Date,Open,High,Low,Close,Adj Close,Volume\n2024-01-02,10,12,8,10,5,100\n2024-01-03,10,12,8,11,11,100\n';
  test('are never mixed: raw ones by default, all four scaled where --adjusted is typed', async () => {
    const raw = await fixture.load('yahoo.csv', content, { symbol: 'RAW' });
    expect((await fixture.days(raw.asset.id)).map((row) => row.slice(1))).toEqual([
      [10, 12, 8, 10, 100],
      [10, 12, 8, 11, 100],
    ]);
    const adjusted = await fixture.load('yahoo.csv', content, { symbol: 'ADJ', isAdjusted: true });
    expect((await fixture.days(adjusted.asset.id)).map((row) => row.slice(1))).toEqual([
      [5, 6, 4, 5, 100],
      [10, 12, 8, 11, 100],
    ]);
  });

  test('a file without adjusted closes has nothing to adjust', async () => {
    const plain = 'Date,Open,High,Low,Close\n2024-01-02,10,12,8,10\n';
    expect(await fixture.refusal('a.csv', plain, { isAdjusted: true })).toMatch(/--adjusted needs a column/);
  });
});

describe('the asset by its symbol', () => {
  const content = 'Date,Open,High,Low,Close\n2024-01-02,10,12,8,10\n';
  test('is that of dim_assets, else the built-in one, else a new one with an id of our own', async () => {
    const ids = async (symbol: string) => (await fixture.load('a.csv', content, { symbol })).asset;
    expect(await ids('BTC')).toMatchObject({ id: 1, name: 'Bitcoin' });
    expect(await ids('AAPL')).toEqual({ id: 1_000_000_001, symbol: 'AAPL', name: null });
    expect(await ids('MSFT')).toMatchObject({ id: 1_000_000_002 });
    expect(await ids('AAPL')).toMatchObject({ id: 1_000_000_001 });
  });

  test('is one asset each, when two are registered at once', async () => {
    const reports = await Promise.all(
      ['A1', 'B2', 'C3'].map((symbol) => fixture.load(`${symbol}.csv`, content, { symbol })),
    );
    expect(new Set(reports.map(({ asset }) => asset.id)).size).toBe(3);
  });

  test('that several have is asked for by --id; one that nobody says is asked for', async () => {
    await fixture.database.transaction((tx) =>
      tx.execute(`insert into dim_assets (id, symbol) values (5, 'TWO'), (6, 'TWO')`),
    );
    expect(await fixture.refusal('a.csv', content, { symbol: 'TWO' })).toMatch(
      /of several assets .*5, 6.*--id/,
    );
    expect(await fixture.refusal('a.csv', content, { symbol: null })).toMatch(
      /say it with --id N, or by its symbol/,
    );
    const named = `symbol,${content.replace('\n', '\nNEW/USD,')}`;
    const [command = ''] = commandsIn(await fixture.refusal('a.csv', named, { symbol: null }));
    expect(await fixture.load('a.csv', named, typed(command))).toMatchObject({ asset: { symbol: 'NEW' } });
  });
});
