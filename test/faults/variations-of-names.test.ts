/** Variations of breaks that were found before: names, keys and texts that somebody else chose. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HEADER, line } from '../support/ingest.js';
import { createWarehouse, expectExit, type Warehouse } from '../support/warehouse.js';

const FORGED = 'x\n[OK] forged';
const FORGED_LINE = /^\[OK\] forged/m;

let warehouse: Warehouse;
let folder: string;
beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: [1], days: 20 }]);
  folder = mkdtempSync(join(tmpdir(), 'barwright-keys-'));
});
afterAll(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('names and keys', () => {
  test('a line break in what is typed makes no line, whatever the command', async () => {
    for (const args of [
      ['db', 'backup', join(folder, FORGED)],
      ['db', 'restore', join(folder, FORGED)],
      ['report', '--out', join(folder, FORGED)],
      ['export', 'daily', '--id', '1', '--out', join(folder, FORGED)],
      ['refresh', '--bars', '--metrics-file', join(folder, FORGED)],
      ['refresh', '--bars', '--log-file', FORGED],
      ['asset', 'add', '7', '--symbol', FORGED],
      ['grants', '--runner', FORGED],
      ['completion', FORGED],
      ['check', '--max-age', FORGED],
      ['compare', FORGED],
      ['status', '--schema', FORGED],
      [FORGED],
      [`--${FORGED}`],
    ]) {
      const { code, stdout, stderr } = await warehouse.run(args);
      expect([code, args]).toEqual([2, args]);
      expect(`${stdout}${stderr}`).toContain('has control characters in it');
      expect(`${stdout}${stderr}`).not.toMatch(FORGED_LINE);
    }
  });

  test.each([
    [
      '{"sources": {"__proto__": {"table": "cmc_price_histories7"}}}',
      '"__proto__": nothing may have this name',
    ],
    ['{"__proto__": {"sources": {"a": {"table": "x"}}}}', '"__proto__": nothing may have this name'],
    [
      '{"sources": {"a": {"table": "cmc_price_histories7", "__proto__": 1}}}',
      '"__proto__": nothing may have this name',
    ],
    [
      '{"sources": {"a": {"table": "cmc_price_histories7", "toString": 1}}}',
      'sources.a.toString: there is no such key',
    ],
    [
      '{"sources": {"a": {"table": "cmc_price_histories7", "columns": {"constructor": "x"}}}}',
      'sources.a.columns.constructor: there is no such column',
    ],
    ['{"constructor": 1}', '--source expects {"sources": {NAME: {"table": …}}}'],
  ])('--source with keys that every object has: %s', async (source, words) => {
    const { code, stdout, stderr } = await warehouse.run(['plan', '--source', source]);
    expect([code, `${stdout}${stderr}`]).toEqual([2, expect.stringContaining(words)]);
  });

  test('a source that is added gets a name that can be read again', async () => {
    const cwd = mkdtempSync(join(folder, 'added-'));
    for (const name of ['__proto__', 'x'.repeat(64), 'a b', ''])
      await expectExit(
        2,
        warehouse.run(['source', 'add', 'cmc_price_histories7', '--as', name, '--yes'], { cwd }),
      );
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('prices in files with such keys and columns: read as any others, names bounded', async () => {
    const cwd = mkdtempSync(join(folder, 'keys-'));
    const day = `"timestamp": "2026-01-05", "open": 1, "high": 2, "low": 1, "close": 1.5`;
    writeFileSync(
      join(cwd, 'a.json'),
      `[{"__proto__": {"close": 9}, "constructor": 7, ${day}, "toString": 3}]`,
    );
    writeFileSync(
      join(cwd, 'b.csv'),
      '__proto__,constructor,date,open,high,low,close\n1,2,2026-01-06,1,2,1,1.5\n',
    );
    writeFileSync(
      join(cwd, 'c.csv'),
      `${HEADER}\n${line(1).replace('2781', `n\u0085${'n'.repeat(9999)}`)}\n`,
    );
    for (const name of ['a.json', 'b.csv', 'c.csv'])
      await expectExit(0, warehouse.run(['ingest', name, '--id', '88'], { cwd }));
    expect(
      await warehouse.query(
        'select count(*), count(*) filter (where close = 1.5), max(length(name)) from cmc_price_histories7 where id = 88',
      ),
    ).toEqual([[3, 2, 120]]);
    const typed = await expectExit(2, warehouse.run(['asset', 'add', '89', '--name', 'n'.repeat(121)]));
    expect(typed.stdout).toContain('--name expects one line of at most 120 characters');
  });

  test('bars and EMAs that are exported have no cell that a spreadsheet would compute', async () => {
    await warehouse.execute('update cmc_price_histories7 set close = close where id = 1');
    await expectExit(0, warehouse.run(['refresh', '--all', '--allow-late', '--ids', '1']));
    for (const args of [
      ['bars', '--tf', '7D'],
      ['bars', '--tf', '7D', '--snapshots'],
      ['emas', '--tf', '1D', '--period', '6'],
    ]) {
      const { stdout } = await expectExit(0, warehouse.run(['export', ...args, '--id', '1']));
      expect(stdout.split('\n').length).toBeGreaterThan(2);
      expect(stdout).not.toMatch(/(?:^|,)"?[=+@\t\r]/m);
    }
  });
});
