import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createIngestFixture, HEADER, type IngestFixture, line } from '../../../../test/support/ingest.js';
import { dayOfCivil } from '../../../domain/calendar/day.js';

let fixture: IngestFixture;

beforeAll(async () => {
  fixture = await createIngestFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

describe('a CoinMarketCap export', () => {
  test('is stored cell by cell, with its file, and the asset is registered by the name of the file', async () => {
    const report = await fixture.ingest([HEADER, line(2, 11), line(1)]);
    expect(report).toMatchObject({
      asset: { id: 1, symbol: 'BTC', name: 'Bitcoin' },
      separator: ';',
      lines: 2,
      newRows: 2,
      firstDay: dayOfCivil(2025, 3, 1),
      lastDay: dayOfCivil(2025, 3, 2),
      earliestChangedDay: dayOfCivil(2025, 3, 1),
      stored: { days: 2, gapDays: 0 },
    });
    expect(await fixture.query('select id, symbol, name, active from dim_assets')).toEqual([
      [1, 'BTC', 'Bitcoin', true],
    ]);
    const us = (text: string) => Date.parse(text) * 1000;
    expect(
      await fixture.query(`select id, name, timeopen, timeclose, timehigh, timelow, timestamp, open, high, low, close, volume,
        marketcap, circulatingsupply, source_file, load_ts is not null from cmc_price_histories7 order by timestamp desc limit 1`),
    ).toEqual([
      [
        1,
        '2781',
        us('2025-03-02T00:00:00Z'),
        us('2025-03-02T23:59:59.999Z'),
        us('2025-03-02T05:00:00Z'),
        us('2025-03-02T07:00:00Z'),
        us('2025-03-02T23:59:59.999Z'),
        9,
        12,
        8,
        11,
        1000,
        2.5e12,
        19_000_000,
        report.file,
        true,
      ],
    ]);
  });

  test('with BOM, CRLF, commas, blanks in the header and no circulatingSupply is the same data', async () => {
    await fixture.ingest([HEADER, line(1), line(2)]);
    const header =
      '\ufefftimeOpen,timeClose,timeHigh,timeLow,name, open , high , low , close , volume , marketCap ,timestamp';
    const lines = [line(1), line(2)].map((text) => text.replace(';19000000', '').replaceAll(';', ','));
    const report = await fixture.ingest([header, ...lines].join('\r\n'), { file: 'old.csv', id: 1 });
    expect(report).toMatchObject({ separator: ',', lines: 2, unchangedRows: 2, earliestChangedDay: null });
    expect(await fixture.query('select distinct circulatingsupply from cmc_price_histories7')).toEqual([
      [19_000_000],
    ]);
  });

  test('again writes not a single row; with one other value it writes that row', async () => {
    await fixture.ingest([HEADER, line(1), line(2), line(3)]);
    const xmins = () =>
      fixture.query('select timestamp, array[xmin, xmax]::text from cmc_price_histories7 order by 1');
    const before = await xmins();
    const again = await fixture.ingest([HEADER, line(3), line(2), line(1)], { file: 'again.csv', id: 1 });
    expect(again).toMatchObject({ newRows: 0, changedRows: 0, unchangedRows: 3, replaced: [] });
    expect(await xmins()).toEqual(before);
    const other = await fixture.ingest([HEADER, line(1), line(2, 10.5), line(4)], {
      file: 'other.csv',
      id: 1,
    });
    expect(other).toMatchObject({
      newRows: 1,
      changedRows: 1,
      unchangedRows: 1,
      earliestChangedDay: dayOfCivil(2025, 3, 2),
      replaced: [{ rows: 1, sourceFile: 'Bitcoin_3_1_2025-3_9_2025_historical_data_coinmarketcap.csv' }],
    });
    expect((await xmins()).map(([, xmin], index) => xmin === before[index]?.[1])).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  test('empty cells, NULL, NaN and Infinity become NULL, -0 becomes 0', async () => {
    const odd = line(1).split(';');
    odd.splice(0, 12, '', 'NULL', 'NaN', '', '', '', 'NULL', 'NaN', '-Infinity', '-0', 'inf', 'null');
    await fixture.ingest([HEADER, odd.join(';'), line(2)]);
    const nulls =
      'num_nulls(timeopen, timeclose, timehigh, timelow, name, open, high, low, close, marketcap, circulatingsupply)';
    expect(
      await fixture.query(
        `select ${nulls}, volume::text from cmc_price_histories7 order by timestamp limit 1`,
      ),
    ).toEqual([[11, '0']]);
  });

  test('of several lines for one timestamp the first wins and the rest are reported', async () => {
    const report = await fixture.ingest([HEADER, line(2), line(1, 5), line(1, 6), line(1, 5)]);
    expect(report).toMatchObject({ lines: 4, newRows: 2, duplicates: 2 });
    expect(
      report.firstDuplicates.map(({ droppedLine, keptLine, isOther }) => [droppedLine, keptLine, isOther]),
    ).toEqual([
      [4, 3, true],
      [5, 3, false],
    ]);
    expect(await fixture.storedCloses()).toEqual([
      [1, 5],
      [2, 10],
    ]);
  });

  test('of two files for one day the last wins, and says which file it overrules', async () => {
    await fixture.ingest([HEADER, line(1, 5)], { file: 'first.csv', id: 1 });
    const report = await fixture.ingest([HEADER, line(1, 6)], { file: 'second.csv', id: 1 });
    expect(report).toMatchObject({ changedRows: 1, replaced: [{ sourceFile: 'first.csv', rows: 1 }] });
    expect(await fixture.query('select close, source_file from cmc_price_histories7')).toEqual([
      [6, 'second.csv'],
    ]);
  });

  test('with days missing reports the gaps of what is stored, not of the file', async () => {
    await fixture.ingest([HEADER, line(1), line(9)]);
    const report = await fixture.ingest([HEADER, line(3), line(4)]);
    const day = (dayOfMonth: number) => dayOfCivil(2025, 3, dayOfMonth);
    expect(report.stored).toEqual({
      firstDay: day(1),
      lastDay: day(9),
      days: 4,
      gapDays: 5,
      firstGaps: [
        { firstDay: day(2), lastDay: day(2) },
        { firstDay: day(5), lastDay: day(8) },
      ],
    });
  });

  test('ingested by two at once is stored once, and neither fails', async () => {
    const lines = Array.from({ length: 28 }, (_, index) => line(index + 1));
    const reports = await Promise.all([
      fixture.ingest([HEADER, ...lines], { file: 'one.csv', id: 1 }),
      fixture.ingest([HEADER, ...lines.toReversed()], { file: 'two.csv', id: 1 }),
    ]);
    expect(reports.map((report) => report.newRows + report.unchangedRows)).toEqual([28, 28]);
    expect(reports.reduce((sum, report) => sum + report.newRows, 0)).toBe(28);
    expect(
      await fixture.query('select count(*), count(distinct source_file) from cmc_price_histories7'),
    ).toEqual([[28, 1]]);
  });
});
