/** Names and texts that somebody else chose: of files, assets, errors, settings and commands. None makes a line, a cell or a setting of its own. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { boundLine, boundName } from '../../src/domain/text/printable.js';
import { describeError } from '../../src/orchestration/program/describe-error.js';
import { describeFailure } from '../../src/storage/failures/failures.js';
import { rememberSecrets } from '../../src/storage/settings/secrets.js';
import { runCli } from '../support/cli.js';
import { HEADER, line } from '../support/ingest.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const FORGED = 'x\n[OK] forged';
const FORGED_LINE = /^\[OK\] forged/m;

let warehouse: Warehouse;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-names-'));
  warehouse = await createWarehouse({}, [{ ids: [1], days: 20 }]);
  await expectExit(0, warehouse.run(['refresh', '--bars', '--allow-late', '--no-log-file']));
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('a file name with a newline', () => {
  test('in a folder is skipped, spelt in one line; the other files are read', async () => {
    const prices = join(folder, 'prices');
    mkdirSync(prices);
    writeFileSync(join(prices, `${FORGED}.csv`), `${HEADER}\n${line(1)}\n`);
    writeFileSync(join(prices, 'Bitcoin_1_1_2025-31_1_2025.csv'), `${HEADER}\n${line(1)}\n`);
    const { stdout, stderr } = await warehouse.run(['ingest', prices, '--id', '1']);
    expect(stdout + stderr).not.toMatch(FORGED_LINE);
    expect(stdout).toContain('x [OK] forged.csv');
    expect(await warehouse.query('select count(*) from cmc_price_histories7 where id = 1')).toEqual([[21]]);
  });

  test.each([[[]], [['--json']]])('that is named itself is refused (%j)', async (flags) => {
    const path = join(folder, `${FORGED}.csv`);
    writeFileSync(path, `${HEADER}\n${line(1)}\n`);
    const { code, stdout, stderr } = await warehouse.run(['ingest', path, ...flags]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain('has control characters in it: rename the file or folder');
    expect(stdout + stderr).not.toMatch(FORGED_LINE);
  });

  test('in a ZIP archive makes no line', async () => {
    const names = [`${FORGED}.csv`, 'y.csv'].map((name) => join(folder, name));
    for (const name of names) writeFileSync(name, 'a');
    const script =
      'import sys, zipfile\nwith zipfile.ZipFile(sys.argv[1], "w") as z:\n  for n in sys.argv[2:]: z.write(n, n)';
    const path = join(folder, 'two.zip');
    execFileSync('python3', ['-c', script, path, ...names]);
    const { code, stdout, stderr } = await warehouse.run(['ingest', path]);
    expect(code).not.toBe(0);
    expect(stdout + stderr).toContain('is a ZIP archive of 2 files');
    expect(stdout + stderr).not.toMatch(FORGED_LINE);
  });
});

describe('a symbol or name of an asset', () => {
  test('with a newline or of a megabyte makes no line and fills no screen', async () => {
    await warehouse.execute(
      `insert into dim_assets (id, symbol, name) values (7, e'x\\n[OK] forged', repeat('n', 1000000)), (8, repeat('s', 1000000), null)`,
    );
    for (const args of [
      ['status'],
      ['asset', 'list'],
      ['plan'],
      ['check', '--max-age', '1'],
      ['explain', '7'],
    ]) {
      const { stdout, stderr } = await warehouse.run(args);
      expect(stdout + stderr, args.join(' ')).not.toMatch(FORGED_LINE);
      expect((stdout + stderr).length, args.join(' ')).toBeLessThan(20_000);
    }
  });

  test('is one line of bounded length', () => {
    expect(boundName('BTC')).toBe('BTC');
    expect(boundName(null)).toBeNull();
    expect(boundName('a\r\n\u2028b')).toBe('a b');
    expect(boundName('s'.repeat(1_000_000))).toHaveLength(120);
    expect(boundLine('\u202eabc', 120)).toBe('\\u202eabc');
    expect(boundLine(`${'a'.repeat(8)}😀b`, 10).isWellFormed()).toBe(true);
  });
});

test('what a role writes into the records of runs makes no line of the output', async () => {
  await warehouse.execute(`update refresh_run set command = e'x\\n[OK] forged', host = e'x\\n[OK] forged', version = e'x\\n[OK] forged',
    report = jsonb_build_object('verdict', e'x\\n[OK] forged', 'error', e'x\\n[OK] forged', 'warnings', array[e'x\\n[OK] forged'])`);
  await warehouse.execute(`update refresh_stage set error = e'x\\n[OK] forged'`);
  await warehouse.execute(
    `update refresh_asset set status = 'failed', reason = e'x\\n[OK] forged', error = repeat('e', 1000000)`,
  );
  const [row] = await warehouse.query<[string]>('select run::text from refresh_run');
  for (const args of [['runs'], ['runs', String(row?.[0])], ['explain', '1'], ['status'], ['check']]) {
    const { stdout, stderr } = await warehouse.run(args);
    expect(stdout + stderr, args.join(' ')).not.toMatch(FORGED_LINE);
    expect((stdout + stderr).length, args.join(' ')).toBeLessThan(20_000);
  }
});

test('the words of an error are bounded, and no half of a secret stands at the cut', () => {
  rememberSecrets('postgresql://u:a-secret-of-some-length@h/d');
  const error = new Error(`${'a '.repeat(1994)}a-secret-of-some-length${' b'.repeat(1_000_000)}`);
  for (const words of [describeError(error), describeFailure(error), describeError(error.message)]) {
    expect(words.length).toBeLessThan(5000);
    expect(words).not.toMatch(/a-secr/);
  }
});

describe('names that every object has', () => {
  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('%s is no command', async (name) => {
    const { code, stdout, stderr } = await runCli([name]);
    expect(code).toBe(2);
    expect(stdout + stderr).toContain(`unknown command '${name}'`);
  });

  test.each([
    ['{"toString": 1}', '"toString": there is no setting of this name'],
    ['{"constructor": {}}', '"constructor": there is no setting of this name'],
    ['{"refresh": {"valueOf": 1}}', '"refresh.valueOf": there is no setting of this name'],
    ['{"__proto__": {"schema": "theirs"}}', '"__proto__": nothing may have this name'],
    ['{"sources": {"__proto__": {"table": "theirs"}}}', '"__proto__": nothing may have this name'],
    ['{"x\\n[OK] forged": 1}', '"x [OK] forged": there is no setting of this name'],
    ['{"source": "x\\n[OK] forged"}', 'x [OK] forged'],
  ])('%s is no setting', async (text, words) => {
    const cwd = mkdtempSync(join(folder, 'config-'));
    writeFileSync(join(cwd, 'barwright.config.json'), text);
    const { code, stdout, stderr } = await runCli(['status'], { cwd, env: { TARGET_DB_URL: warehouse.url } });
    expect(code, stdout + stderr).toBe(2);
    expect(stdout + stderr).toContain(words);
    expect(stdout + stderr).not.toMatch(FORGED_LINE);
  });
});

test('a text of an export is no formula of a spreadsheet, and any other is as it was', async () => {
  const texts = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1', 'Bitcoin', "it's = 1", 'a-b'];
  const shown: string[] = [];
  for (const text of texts) {
    await warehouse.execute(
      `update cmc_price_bars_1d set src_name = '${text.replaceAll("'", "''")}' where id = 1`,
    );
    const { stdout } = await expectExit(0, warehouse.run(['export', 'daily', '--id', '1']));
    const [row] = parse(stdout, { columns: true }) as Record<string, string>[];
    shown.push(row?.src_name ?? '');
    expect(Number(row?.close)).toBeGreaterThan(0);
  }
  expect(shown).toEqual(texts.map((text, index) => (index < 7 ? `'${text}` : text)));
});
