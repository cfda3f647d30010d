/** The table of what is refused in docs/reference/file-formats.md, row by row: what is said, and where there is one, the command that takes it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { tableFromArrays, tableToIPC } from '@uwdata/flechette';
import { ByteWriter, ParquetWriter, parquetWriteBuffer, schemaFromColumnData } from 'hyparquet-writer';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { IngestOptions } from '../../src/components/ingest/files/ingest-file.js';
import { createFileFixture, type FileFixture } from '../support/files/fixture.js';
import { commandsIn, typed } from '../support/files/typed.js';
import { zipOf } from '../support/files/zip.js';
import { note } from '../support/note.js';

let fixture: FileFixture;

beforeAll(async () => {
  fixture = await createFileFixture();
});
afterAll(() => fixture.drop());
beforeEach(() => fixture.clear());

const HEAD = 'date,open,high,low,close,volume';
const PRICES = `${HEAD}\n2024-01-01,1,2,0.5,1,10\n2024-01-02,1,2,0.5,1,10\n2024-01-03,1,2,0.5,1,10\n`;
const stamps = (stepHours: number, from = 0) =>
  `time,open,high,low,close\n${Array.from({ length: 30 }, (_, row) => `${1_704_067_200 + from + row * stepHours * 3600},1,2,0.5,1`).join('\n')}\n`;
const magic = (hex: string) => Buffer.concat([Buffer.from(hex, 'hex'), Buffer.alloc(64, 7)]);

const columns = [
  { name: 'date', data: ['2024-01-01'], type: 'STRING' as const },
  ...['open', 'high', 'low', 'close'].map((name) => ({ name, data: [1], type: 'DOUBLE' as const })),
];
const parquet = () => new Uint8Array(parquetWriteBuffer({ columnData: columns }));
const feather = () =>
  tableToIPC(tableFromArrays({ date: ['2024-01-01'], open: [1], high: [1], low: [1], close: [1] }), {
    format: 'file',
  }) as Uint8Array;

/** A Parquet file that says of itself that a column is larger than it may be. */
function hugeParquet(): Uint8Array {
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema: schemaFromColumnData({ columnData: columns }) });
  writer.write({ columnData: columns });
  const chunk = writer.row_groups[0]?.columns[0]?.meta_data;
  if (chunk !== undefined) chunk.total_uncompressed_size = 600n << 20n;
  writer.finish();
  return new Uint8Array(bytes.getBuffer());
}

interface Refused {
  file?: string;
  content: string | Uint8Array;
  flags?: Partial<IngestOptions>;
  says: RegExp;
  /** Which of the commands that are printed takes the file; left out: there is none. */
  command?: number;
  /** What is stored before, by which flags. */
  before?: Partial<IngestOptions>;
  /** Of a content of a few bytes: the size of the file, most of it a hole. */
  sizeMb?: number;
  /** A program that unpacks it, as the message says. */
  tool?: readonly [pack: string, unpack: string, ending: string];
}

const ROWS: Readonly<Record<string, readonly Refused[]>> = {
  'rows of hours, weeks or months; several rows a day': [
    { content: stamps(1), says: /found an hourly row.*Load the daily file/ },
    { content: stamps(4), says: /found an intraday row \(4 hours\)/ },
    { content: stamps(24 * 7), says: /found a weekly row/ },
    { content: stamps(24 * 31), says: /found a .*row/ },
  ],
  'days of another zone, trading sessions': [
    { content: stamps(24, 5 * 3600), says: /another time zone.*--zone/, command: 0 },
    { content: stamps(24, 52_200), says: /14:30.*--zone/, command: 0 },
  ],
  '`03/04/2024` where no date of the file has a day above 12': [
    { content: `${HEAD}\n03/04/2024,1,2,0.5,1,10\n`, says: /could be two days/, command: 0 },
    { content: `${HEAD}\n03/04/2024,1,2,0.5,1,10\n`, says: /could be two days/, command: 1 },
  ],
  '`1.234` between semicolons, `1,234` elsewhere, where nothing settles it': [
    {
      content: 'Date;Open;High;Low;Close\n2024-01-01;1.234;2.345;1.111;1.500\n',
      says: /"1\.234" could be 1\.234 or 1234/,
      command: 0,
    },
    {
      content: 'Date\tOpen\tHigh\tLow\tClose\n2024-01-01\t1,234\t2,345\t1,111\t1,500\n',
      says: /could be/,
      command: 1,
    },
  ],
  'a line that is cut, a quote that is not closed, another number of cells, text in a number': [
    { content: PRICES.slice(0, -2), says: /line 4: expected the rest of the line/ },
    { content: PRICES.replace('0.5', '"0.5'), says: /expected a closing quote/ },
    { content: PRICES.replace('0.5', '0.5,7'), says: /expected 6 cells/ },
    { content: PRICES.replace('0.5', 'low'), says: /line 2, column low: expected a number/ },
  ],
  'a file without a single close above zero': [
    {
      content: PRICES.replaceAll(/(\n(?:[^,\n]*,){4})[^,\n]*/g, '$1'),
      says: /no line of prices\.csv has a close above zero, and a day without one makes no bar/,
    },
    {
      content: PRICES.replaceAll('1,2,0.5,1', '0,0,0,0'),
      says: /no line of prices\.csv has a close above zero/,
    },
  ],
  'rows of several assets': [
    {
      content: PRICES.replace('date', 'symbol,date').replaceAll('\n2', '\nA,2').replace('A,', 'B,'),
      says: /expected rows of one asset, found "A" after "B"/,
      flags: { id: 7 },
      command: 0,
    },
  ],
  'a ZIP archive with several files, or with a password': [
    {
      file: 'a.zip',
      content: zipOf(['a.csv', 'b.csv'].map((name) => ({ name, content: PRICES }))),
      says: /is a ZIP archive of 2 files \(a\.csv, b\.csv\): unpack it/,
    },
    {
      file: 'a.zip',
      content: zipOf([{ name: 'a.csv', content: PRICES, isEncrypted: true }]),
      says: /is a ZIP archive with a password: unpack it first/,
    },
  ],
  'a workbook, a database, a web page and what else is no table of days': [
    ...['[Content_Types].xml', 'mimetype'].map((name) => ({
      file: 'a.xlsx',
      content: zipOf([
        { name, content: 'x' },
        { name: 'xl/workbook.xml', content: 'x' },
      ]),
      says: /is an (?:Excel workbook|OpenDocument file): save its sheet as/,
    })),
    { content: magic('d0cf11e0a1b11ae1'), says: /is an old Excel workbook/ },
    { content: magic('53514c69746520666f726d61742033'), says: /is an SQLite database: export its table/ },
    { content: magic('894844460d0a1a0a'), says: /is an HDF5 file/ },
    { content: magic('8004'), says: /is a Python pickle/ },
    { content: magic('4f626a01'), says: /is an Avro file/ },
    { content: magic('4f5243'), says: /is an ORC file/ },
    { content: magic('25504446'), says: /is a PDF document/ },
    { content: magic('46454131'), says: /is a Feather file of version 1/ },
    { content: magic('50415245'), says: /is an encrypted Parquet file/ },
    { content: '<!doctype html><html></html>', says: /is a web page/ },
  ],
  'zstd, xz, bzip2, lz4, 7-Zip and RAR': [
    {
      content: magic('28b52ffd'),
      says: /packed by zstd: unpack it first, with "unzstd/,
      tool: ['zstd', 'unzstd', 'zst'],
    },
    { content: magic('fd377a585a00'), says: /packed by xz: .*"unxz/, tool: ['xz', 'unxz', 'xz'] },
    { content: magic('425a68'), says: /packed by bzip2: .*"bunzip2/, tool: ['bzip2', 'bunzip2', 'bz2'] },
    { content: magic('04224d18'), says: /packed by lz4: .*"unlz4/ },
    { content: magic('377abcaf271c'), says: /is a 7-Zip archive/ },
    { content: Buffer.from('Rar!\x1a\x07 and so on'), says: /is a RAR archive/ },
  ],
  'what is damaged, or not whole: gzip, ZIP, Parquet, Feather, Arrow': [
    { file: 'a.gz', content: gzipSync(PRICES).subarray(0, -9), says: /is damaged or not whole/ },
    {
      file: 'a.zip',
      content: zipOf([{ name: 'a.csv', content: PRICES }]).subarray(0, -30),
      says: /is damaged or not whole/,
    },
    { content: parquet().subarray(0, -9), says: /is damaged, or no whole Parquet file/ },
    { content: feather().subarray(0, -300), says: /is damaged, or no whole Arrow file/ },
  ],
  'what grows more than 300 times when it is unpacked, or is packed more than three times': [
    { file: 'a.gz', content: gzipSync(PRICES + '\n'.repeat(80 << 20)), says: /grows more than 300 times/ },
    {
      file: 'a.gz',
      content: [1, 2, 3, 4].reduce<Uint8Array>((bytes) => gzipSync(bytes), Buffer.from(PRICES)),
      says: /packed more than 3 times/,
    },
    {
      file: 'a.zip',
      content: zipOf([{ name: 'a.csv', content: PRICES + '\n'.repeat(80 << 20) }]),
      says: /grows more than 300 times/,
    },
  ],
  'a JSON document above 32 MB, an Arrow file above 256 MB, a Parquet column above 512 MB in one row group': [
    { content: `[${' '.repeat(33 << 20)}]`, says: /is larger than 32 MB, .*one record a line/ },
    { content: 'ARROW1', sizeMb: 257, says: /is larger than 256 MB, .*write it as Parquet/ },
    { content: hugeParquet(), says: /columns of up to 512 MB each, found a larger one/ },
  ],
  'prices in another currency, and adjusted prices beside raw ones': [
    {
      content: PRICES,
      before: { id: 7, currency: 'EUR' },
      flags: { id: 7, currency: 'USD' },
      says: /holds prices in USD, and those that are stored of id 7 are in EUR/,
      command: 0,
    },
    ...[true, false].map((isAdjusted) => ({
      content: PRICES.replaceAll(/\n(\S+?)(?=\n|$)/g, '\n$1,2').replace('volume', 'volume,Adj Close'),
      before: { id: 7, isAdjusted: !isAdjusted },
      flags: { id: 7, isAdjusted },
      says: isAdjusted ? /gives adjusted prices, .* are raw/ : /gives raw prices, .* are adjusted/,
      command: 0,
    })),
  ],
};

test('each row of the table is run, and no other', () => {
  const docs = readFileSync(new URL('../../docs/reference/file-formats.md', import.meta.url), 'utf8');
  const [, table = ''] = docs.split('| what is refused | why |\n|---|---|\n');
  const rows = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| (.+?) \| .* \|$/gm)].map(([, what]) => what);
  expect(rows).toEqual(Object.keys(ROWS));
});

/** Whether a program is there, for files that it packs. */
function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const cases = Object.entries(ROWS).flatMap(([row, refused]) =>
  refused.map((each, at) => [`${row}: ${at + 1}`, each] as const),
);

test.each(cases)('%s', async (_row, refused) => {
  const { file = 'prices.csv', content, flags = {}, says, command, before, sizeMb, tool } = refused;
  if (before !== undefined) await fixture.load(file, content, before);
  const stored = () =>
    fixture.database.read((tx) => tx.query('select * from cmc_price_histories7 order by id, timestamp'));
  const rows = await stored();
  if (sizeMb !== undefined) {
    writeFileSync(join(fixture.folder, file), content);
    truncateSync(join(fixture.folder, file), sizeMb << 20);
  }
  const message = await fixture.refusal(file, sizeMb === undefined ? content : null, flags);
  expect(message).toMatch(says);
  expect(message).toContain(file);
  expect(await stored()).toEqual(rows);
  if (command !== undefined) {
    const report = await fixture.load(file, content, typed(commandsIn(message)[command] ?? 'no command'));
    expect(report).toMatchObject({ badLines: 0 });
    expect(report.lines).toBeGreaterThan(0);
  }
  if (tool === undefined) return;
  const [pack, unpack, ending] = tool;
  if (!has(pack)) {
    note(`[INFO] ${pack} is not on this machine: what "${unpack}" makes of a file was not loaded`);
    return;
  }
  const path = join(fixture.folder, `packed-${pack}.csv`);
  writeFileSync(path, PRICES);
  execFileSync(pack, ['-qf', ...(pack === 'zstd' ? ['--rm'] : []), path], { stdio: 'ignore' });
  execFileSync(unpack, ['-qf', `${path}.${ending}`], { stdio: 'ignore' });
  expect(await fixture.load(`packed-${pack}.csv`, null)).toMatchObject({ newRows: 3 });
});
