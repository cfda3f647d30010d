/** Hostile input through real processes that have all rights: an answer or one sentence, and nothing that was not meant. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { quoteIdentifier } from '../../src/storage/session/database.js';
import { runCli } from '../support/cli.js';
import { hostileTexts } from '../support/hostile.js';
import { HEADER, line } from '../support/ingest.js';
import { createWarehouse, type Warehouse } from '../support/warehouse.js';

/** What a terminal obeys instead of showing: control characters, and those that turn the direction of text. */
const listObeyed = (text: string) =>
  [...text.matchAll(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu)].filter(([found]) => !'\n\t'.includes(found));
/** Printed with the arguments when it fails. */
const SEED = 20_261_124;

let folder: string;
let warehouse: Warehouse;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-hostile-'));
  warehouse = await createWarehouse({}, [{ ids: [1], days: 20 }]);
  await warehouse.execute('create table canary as select generate_series(1, 3) as n');
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('as real processes, with all rights', () => {
  const env = () => ({ TARGET_DB_URL: warehouse.url });
  const commands: ((text: string) => string[])[] = [
    (text) => ['refresh', '--bars', '--dry-run', `--ids=${text}`],
    (text) => ['refresh', '--emas', `--source=${text}`],
    (text) => ['status', `--schema=${text}`],
    (text) => ['refresh', '--bars', `--tfs=${text}`],
    (text) => ['ingest', text],
    (text) => ['explain', text],
    (text) => ['asset', 'purge', text],
    (text) => ['refresh', '--bars', `--db-url=${text}`],
    (text) => [text, text],
  ];

  test('36 of them: an answer or one sentence, no stack, no syntax error', async () => {
    const texts = fc.sample(
      hostileTexts('1', 'canary', '7D', 'postgresql://u:pw@127.0.0.1:1/d').filter(
        (text) => !text.includes('\0'),
      ),
      { numRuns: 36, seed: SEED },
    );
    for (let from = 0; from < texts.length; from += 4) {
      await Promise.all(
        texts.slice(from, from + 4).map(async (text, offset) => {
          const args = commands[(from + offset) % commands.length]?.(text.toWellFormed()) ?? [];
          const { code, stdout, stderr } = await runCli(args, { env: env() });
          const said = JSON.stringify({ args, code, stdout, stderr });
          expect([0, 1, 2, 3], said).toContain(code);
          expect(stdout + stderr, said).not.toMatch(
            /^\s+at .*:\d+:\d+|syntax error|SyntaxError|TypeError|RangeError/m,
          );
          expect(listObeyed(stdout + stderr), said).toEqual([]);
        }),
      );
    }
    expect(await warehouse.query('select count(*), sum(n) from canary')).toEqual([[3, 6]]);
  });

  test('a whole warehouse in a schema with a hostile name is that schema', async () => {
    const schema = `x"; drop table public.canary; --`;
    for (const args of [
      ['init'],
      ['ingest', writePrices()],
      ['refresh', '--all', '--validate', '--allow-late'],
      ['verify'],
    ]) {
      const { code, stdout, stderr } = await runCli([...args, '--schema', schema], { env: env() });
      expect(code, stdout + stderr).toBe(0);
    }
    const tables = await warehouse.query<[number]>(
      'select count(*) from pg_tables where schemaname = $1 and tablename = any($2)',
      [schema, ['price_bars', 'ema_points', 'cmc_price_histories7']],
    );
    expect(tables).toEqual([[3]]);
    expect(
      await warehouse.query(`select count(*) from ${quoteIdentifier(schema)}.cmc_price_bars_1d`),
    ).toEqual([[3]]);
    expect(await warehouse.query('select count(*), sum(n) from canary')).toEqual([[3, 6]]);
  });

  /** A file of three days. */
  function writePrices(): string {
    const path = join(folder, 'Bitcoin_1_1_2025.csv');
    writeFileSync(path, [HEADER, line(1), line(2), line(3), ''].join('\n'));
    return path;
  }
});
