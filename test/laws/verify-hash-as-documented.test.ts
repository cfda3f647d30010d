/** docs/reference/verify.md says how the hash is made: made so, from plain selects, it is the one that verify prints. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { Database } from '../../src/storage/session/database.js';
import { insertPrices, runBars, runEmas } from '../support/component-runs.js';
import { createTestDatabase } from '../support/database.js';
import { pricesOf } from '../support/histories.js';
import { keepTimeframes, verify } from '../support/verify.js';

const TEXT = readFileSync(resolve(import.meta.dirname, '../../docs/reference/verify.md'), 'utf8');

/** Columns of each table, as the document lists them. */
function documentedColumns(): Map<string, string[]> {
  const columns = new Map<string, string[]>();
  for (const [, table = '', list = ''] of TEXT.matchAll(/^\| `(\w+)` \| ([a-z_, `]+) \|$/gm)) {
    const names = list.replace(
      'then the columns of `price_bars`',
      columns.get('price_bars')?.join(', ') ?? '',
    );
    columns.set(table, names.split(', '));
  }
  return columns;
}

function bytesOf(value: unknown, isFloat: boolean): Buffer[] {
  if (Array.isArray(value)) {
    return [...bytesOf(value.length, false), ...value.flatMap((each) => bytesOf(each, isFloat))];
  }
  const bytes = Buffer.alloc(8);
  if (value === null) bytes.write('7ff8000000000001', 'hex');
  else if (isFloat) bytes.writeDoubleBE(value as number);
  else bytes.writeBigInt64BE(BigInt(Number(value)));
  return [bytes];
}

async function hashTable(database: Database, table: string, where: string): Promise<Buffer> {
  const columns = documentedColumns().get(table) ?? [];
  return database.read(async (tx) => {
    const floats = await tx.query<[string]>(
      `select attname::text from pg_attribute where attrelid = $1::regclass and format_type(atttypid, null) ~ '^double'`,
      [table],
    );
    const order = columns.includes('bar_seq') ? 'order by bar_seq' : '';
    const rows = await tx.query(
      `select ${columns.join(', ')} from ${table} where id = 1 and ${where} ${order}`,
    );
    const isFloat = columns.map((name) => floats.flat().includes(name));
    return Buffer.concat([
      ...bytesOf(rows.length, false),
      ...rows.flatMap((row) => row.flatMap((value, at) => bytesOf(value, isFloat[at] === true))),
    ]);
  });
}

const sha256 = (...parts: (Buffer | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

const ALIGNMENTS = ['multi_tf', 'cal_us', 'cal_iso', 'cal_anchor_us', 'cal_anchor_iso', 'v2'];

async function hashAsset(database: Database): Promise<Buffer> {
  const listTfs = (table: string, alignment: string) =>
    database.read((tx) =>
      tx.query<[string]>(`select distinct tf from ${table} where id = 1 and alignment = $1`, [alignment]),
    );
  const series: [name: string, tables: string[], where: string][] = [['1d', ['cmc_price_bars_1d'], 'true']];
  const addSeries = async (kind: string, tables: string[]) => {
    for (const alignment of ALIGNMENTS) {
      const tfs = (await Promise.all(tables.map((table) => listTfs(table, alignment)))).flat(2);
      for (const tf of [...new Set(tfs)].sort((a, b) => (a < b ? -1 : 1)))
        series.push([`${kind} ${alignment} ${tf}`, tables, `alignment = '${alignment}' and tf = '${tf}'`]);
    }
  };
  await addSeries('bars', ['price_bars', 'price_bars_state']);
  for (const alignment of ALIGNMENTS)
    series.push([`emas ${alignment}`, ['ema_asset_state'], `alignment = '${alignment}'`]);
  await addSeries('emas', ['ema_points', 'ema_state', 'ema_series_lag']);
  const parts: (Buffer | string)[] = [];
  for (const [name, tables, where] of series) {
    const bytes: Buffer[] = [];
    for (const table of tables) bytes.push(await hashTable(database, table, where));
    parts.push(`${name}\n`, sha256(...bytes));
  }
  return sha256(...parts);
}

test('the hash is made as the document says', async () => {
  const { database, drop } = await createTestDatabase();
  try {
    await keepTimeframes(database);
    const shape = { seed: 5, firstDay: 17_999, rows: 120, gapRate: 0.1, longestGap: 3 };
    const prices = pricesOf({ ...shape, ties: false, badRate: 0.05, longestChunk: 10 });
    await insertPrices(database, 1, prices.slice(0, 100));
    await runBars(database, { ids: [1] });
    await runEmas(database, { ids: [1] });
    await insertPrices(database, 1, prices.slice(100));
    await runBars(database, { ids: [1], tfs: ['7D'] });
    await runEmas(database, { ids: [1], tfs: ['7D'] });
    const found = await verify(database, { ids: [1] });
    expect(found.verdicts[0]?.findings).toEqual([]);
    expect(found.verdicts[0]?.series.length).toBeGreaterThan(30);
    const expected = await hashAsset(database);
    expect(found.verdicts[0]?.sha256).toBe(expected.toString('hex'));
    expect(found.sha256).toBe(sha256(...bytesOf(1, false), expected).toString('hex'));
  } finally {
    await drop();
  }
});
