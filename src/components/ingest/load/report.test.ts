import { expect, test } from 'vitest';
import { dayOfCivil } from '../../../domain/calendar/day.js';
import { NOTHING_SAID } from './judge-written.js';
import { formatIngestReport } from './report.js';
import type { IngestReport } from './staging.js';

const day = (dayOfMonth: number) => dayOfCivil(2025, 3, dayOfMonth);

const CLEAN: IngestReport = {
  file: 'Bitcoin_1.csv',
  asset: { id: 1, symbol: 'BTC', name: 'Bitcoin' },
  format: 'csv',
  label: 'CoinMarketCap',
  separator: ';',
  notes: [],
  judged: NOTHING_SAID,
  lines: 3,
  newRows: 3,
  changedRows: 0,
  unchangedRows: 0,
  badLines: 0,
  firstBad: [],
  duplicates: 0,
  firstDuplicates: [],
  future: null,
  earliestChangedDay: day(1),
  replaced: [],
  firstDay: day(1),
  lastDay: day(3),
  stored: { firstDay: day(1), lastDay: day(3), days: 3, gapDays: 0, firstGaps: [] },
};

test('a file without troubles takes five lines', () => {
  expect(formatIngestReport(CLEAN)).toBe(
    `[OK] Bitcoin_1.csv -> Bitcoin (BTC, id 1)
     3 lines read: 3 new, 0 changed, 0 unchanged, 0 bad, 0 duplicate
     days in the file: 2025-03-01 to 2025-03-03; stored: 2025-03-01 to 2025-03-03 (3 days)
     earliest day written: 2025-03-01
     gaps: none`,
  );
});

test('gaps, duplicates, bad lines and overruled files are named, the first of them one by one', () => {
  const report: IngestReport = {
    ...CLEAN,
    asset: { id: 777, symbol: null, name: null },
    badLines: 30,
    firstBad: [{ line: 12, column: 'close', value: '1O5', expected: 'a number' }],
    duplicates: 9,
    firstDuplicates: Array.from({ length: 9 }, (_, index) => ({
      timestampUs: 0,
      keptLine: 2,
      droppedLine: 3 + index,
      isOther: index === 0,
    })),
    future: { days: 2, firstDay: day(5), lastDay: day(9) },
    replaced: [
      { sourceFile: 'old.csv', rows: 4 },
      { sourceFile: null, rows: 1 },
    ],
    earliestChangedDay: null,
    stored: {
      firstDay: day(1),
      lastDay: day(31),
      days: 20,
      gapDays: 11,
      firstGaps: [
        { firstDay: day(2), lastDay: day(2) },
        { firstDay: day(4), lastDay: day(8) },
      ],
    },
  };
  expect(formatIngestReport(report).split('\n')).toEqual([
    '[OK] Bitcoin_1.csv -> id 777',
    '     3 lines read: 3 new, 0 changed, 0 unchanged, 30 bad, 9 duplicate',
    '     days in the file: 2025-03-01 to 2025-03-03; stored: 2025-03-01 to 2025-03-31 (20 days)',
    '     4 of the changed days had come from old.csv: this file wins',
    '     1 of the changed days had come from an unnamed source: this file wins',
    '[WARNING] 2 days lie in the future (2025-03-05 to 2025-03-09): a day counts when it is over; correct the file if its dates are wrong',
    '[WARNING] gaps: 11 calendar days without a price: 2025-03-02, 2025-03-04 to 2025-03-08, and 5 more days',
    '[WARNING] 9 lines repeat the timestamp of an earlier line: 3 (2 is kept, which has other values), 4 (2 is kept), 5 (2 is kept), 6 (2 is kept), 7 (2 is kept), and 4 more',
    '[WARNING] Bitcoin_1.csv line 12, column close: expected a number, found "1O5": left out',
    '[WARNING] and 29 more bad lines',
  ]);
});

test('a file of bad lines only has no days', () => {
  const stored = { firstDay: null, lastDay: null, days: 0, gapDays: 0, firstGaps: [] };
  const text = formatIngestReport({
    ...CLEAN,
    firstDay: null,
    lastDay: null,
    earliestChangedDay: null,
    stored,
  });
  expect(text).toContain('days in the file: none; stored: none (0 days)');
});
