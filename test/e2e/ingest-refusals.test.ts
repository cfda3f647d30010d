/** Files that are refused: each says what it is, and the command that it prints takes it, or there is none. */
import { rm } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { dayOfCivil } from '../../src/domain/calendar/day.js';
import { makeDays } from '../support/files/days.js';
import { createFileFixture, type FileFixture } from '../support/files/fixture.js';
import { commandsIn, typed } from '../support/files/typed.js';

let fixture: FileFixture;

beforeAll(async () => {
  fixture = await createFileFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

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
    [
      'day numbers of Excel',
      `Date,Open,High,Low,Close\n${rows(({ day, ...p }) => `${day + 25_569},${p.open},${p.high},${p.low},${p.close}`)}`,
      /found 45341, which looks like a day number of Excel/,
      0,
    ],
    [
      'one day of 1970 in microseconds',
      'time,open,high,low,close\n86400000000,1,2,0.5,1\n',
      /expected a day, found "86400000000"\. Say what it counts since 1970, by one of epoch-s, epoch-ms, epoch-us, epoch-ns/,
      0,
    ],
    [
      'prices of two markets side by side',
      `Date,Open,High,Low,Close,Open,High,Low,Close\n${rows(({ day, ...p }) => `${dmy(day).reverse().join('-')},${p.open},${p.high},${p.low},${p.close},1,2,0.5,1`)}`,
      /expected each price once, found several columns "Open", "High", "Low", "Close"/,
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

  test('milli-, micro- and nanoseconds of 1970 are no seconds, beside those of later years and alone', async () => {
    for (const [zeros, name] of [
      ['000', 'epoch-ms'],
      ['000000', 'epoch-us'],
      ['000000000', 'epoch-ns'],
    ] as const) {
      const stampOf = (day: number) => (day === 0 ? '0' : `${day * 86_400}${zeros}`);
      const rows = (days: readonly number[]) =>
        `time,open,high,low,close\n${days.map((day) => `${stampOf(day)},1,2,0.5,1`).join('\n')}\n`;
      for (const days of [
        [-1, 0, 1, 2, 3],
        [9, 10, 11],
        [1155, 1156, 1157, 1158, 1159],
      ])
        for (const dateFormat of [null, name]) {
          await fixture.clear();
          const { asset } = await fixture.load('old.csv', rows(days), { dateFormat });
          expect((await fixture.days(asset.id)).map(([day]) => day)).toEqual(days);
        }
    }
  });

  test('days far apart are what their size says', async () => {
    const days = [19_000, 19_365, 19_730];
    const content = `time,open,high,low,close\n${days.map((day) => `${day * 86_400},1,2,0.5,1`).join('\n')}\n`;
    expect(await fixture.refusal('years.csv', content)).toMatch(/found a .*row.* after 2022-01-08/);
  });

  test('columns between blanks are read as they stand', async () => {
    const content = `Date          Open      High       Low     Close  Volume\n${rows(
      ({ day, ...p }) =>
        `${dmy(day).reverse().join('-')}  ${[p.open, p.high, p.low, p.close, p.volume].map((n) => String(n).padStart(10)).join(' ')}`,
    )}\n`;
    const { asset } = await fixture.load('printed.txt', content);
    expect(await fixture.days(asset.id)).toEqual(
      DAYS.map((d) => [d.day, d.open, d.high, d.low, d.close, d.volume]),
    );
  });

  test('rows that all lack a cell are refused for that, and not for their day', async () => {
    const content = 'Date,Open,High,Low,Close,Volume\n2026-11-26,1,2,0.5,1\n2026-11-27,1,2,0.5,1\n';
    expect(await fixture.refusal('prices.csv', content)).toMatch(
      /prices\.csv line 2: expected 6 cells separated by ",", found "5 cells: 2026-11-26,1,2,0\.5,1"/,
    );
  });

  test('days that have not begun are stored and named', async () => {
    const today = Math.floor(Date.now() / 86_400_000);
    const content = `Date,Open,High,Low,Close\n${[-1, 0, 2, 5]
      .map(
        (ahead) =>
          `${dmy(today + ahead)
            .reverse()
            .join('-')},1,2,0.5,1`,
      )
      .join('\n')}\n`;
    const { future, newRows } = await fixture.load('ahead.csv', content);
    expect(newRows).toBe(4);
    expect(future).toMatchObject({ days: 2, firstDay: today + 2, lastDay: today + 5 });
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
