/** export --format: files of many series, equal to what the views show, the same in each format, read by other programs. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { runCli } from '../support/cli.js';
import type { TestDatabase } from '../support/database.js';
import { findPython } from '../support/examples/python.js';
import { type Row, readManifest, readRows } from '../support/exported/read-files.js';
import { askRows, cloneScene, createExportScene, expectSame, SELECTS } from '../support/exported/scene.js';
import { expectExit, type Warehouse } from '../support/warehouse.js';

const FORMATS = ['parquet', 'arrow', 'csv'];
const python = await findPython('files read by polars, DuckDB and pandas');

let template: TestDatabase;
/** Only read. */
let warehouse: Warehouse;
let folder: string;

beforeAll(async () => {
  template = await createExportScene();
  warehouse = await cloneScene(template);
});
afterAll(async () => {
  await warehouse?.drop();
  await template?.drop();
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'barwright-files-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const lake = (name = 'lake') => join(folder, name);

/** Exports and gives the last line that was said. */
async function exported(kind: string, ...args: string[]): Promise<string> {
  const out = args.includes('--out') ? [] : ['--out', lake()];
  const format = args.includes('--format') ? [] : ['--format', 'parquet'];
  const { stdout } = await expectExit(0, warehouse.run(['export', kind, ...format, ...out, ...args]));
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

describe('every value is that of the views', () => {
  test.each(Object.keys(SELECTS))('%s', async (name) => {
    const kind = name === 'snapshots' ? 'bars' : name;
    const said = await exported(kind, ...(name === 'snapshots' ? ['--snapshots'] : []));
    const expected = await askRows(warehouse, SELECTS[name] ?? '');
    const ids = new Set(expected.map(({ id }) => id));
    expect([...ids]).toEqual([1, 2, 3, 4]);
    expectSame(await readRows(lake(), kind), expected);
    expect(said).toMatch(
      new RegExp(`: 4 assets written, 0 unchanged, 1 without rows, ${expected.length} rows, `),
    );
    const { assets } = readManifest(lake(), kind);
    expect(assets.map(({ id, rows }) => [id, rows])).toEqual(
      [1, 2, 3, 4, 5].map((id) => [id, expected.filter((row) => row.id === id).length]),
    );
  });

  test('of what lags no more is written than is shown', async () => {
    const newest = async (kind: string, ...tfs: string[]) => {
      const out = lake([kind, ...tfs].join('-'));
      await exported(kind, '--ids', '4', '--out', out, ...tfs.flatMap((tf) => ['--tfs', tf]));
      const rows = await readRows(out, kind);
      return Math.max(...rows.map(({ day }) => Number(day)));
    };
    const daily = await newest('daily');
    expect(daily - (await newest('emas', '7D'))).toBe(0);
    expect(daily - (await newest('emas', '14D'))).toBe(10);
    expect(daily - (await newest('bars', '1W_CAL_US'))).toBeLessThan(7);
    expect(daily - (await newest('bars', '1W_CAL_ISO'))).toBeGreaterThanOrEqual(10);
  });

  test('a range of days, some series and some columns', async () => {
    const [first, last] = (
      await warehouse.query<[string]>(
        'select (max(day) - n)::text from cmc_ema_multi_tf, unnest(array[60, 20]) n where id = 1 group by n order by 1',
      )
    ).flat();
    const range = ['--from', String(first), '--to', String(last)];
    await exported(
      'emas',
      '--ids',
      '1',
      '--tfs',
      '7d',
      '--alignment',
      'multi_tf',
      '--periods',
      '6,9',
      '--columns',
      'ema',
      ...range,
    );
    const rows = await readRows(lake(), 'emas');
    expect(Object.keys(rows[0] ?? {})).toEqual(['id', 'alignment', 'tf', 'period', 'ema', 'day']);
    const asked = await askRows(
      warehouse,
      `select id, 'multi_tf' as alignment, tf, period, ema, day from cmc_ema_multi_tf where id = 1 and tf = '7D'
         and period in (6, 9) and day between '${first}' and '${last}' order by period, day`,
    );
    expect(asked.length).toBeGreaterThan(60);
    expect(rows.length).toBe(asked.length);
    for (const [index, row] of rows.entries())
      expect(Math.abs(Number(row.ema) - Number(asked[index]?.ema))).toBeLessThanOrEqual(
        1e-12 * Number(row.ema),
      );
  });
});

test.each(['daily', 'bars', 'emas', 'indicators'])('%s: each format holds the same values', async (kind) => {
  for (const format of FORMATS) await exported(kind, '--format', format, '--out', lake(format));
  const [parquet = [], ...others] = await Promise.all(FORMATS.map((format) => readRows(lake(format), kind)));
  expect(parquet.length).toBeGreaterThan(100);
  const plain = (rows: readonly Row[]) =>
    rows.map((row) => (row.src_name === "'=1+1" ? { ...row, src_name: '=1+1' } : row));
  for (const other of others) expect(plain(other)).toEqual(parquet);
});

test('a text that a spreadsheet would compute is marked in CSV, and nowhere else', async () => {
  for (const format of FORMATS)
    await exported('daily', '--format', format, '--out', lake(format), '--ids', '3');
  const names = await Promise.all(
    FORMATS.map(
      async (format) =>
        (await readRows(lake(format), 'daily')).find(({ src_name }) => src_name !== '2781')?.src_name,
    ),
  );
  expect(names).toEqual(['=1+1', '=1+1', "'=1+1"]);
});

describe('refused is', () => {
  test.each([
    ['--format writes files: type --out and a folder', ['bars', '--format', 'parquet']],
    [
      '--id is for one series, with --format type --ids',
      ['bars', '--format', 'parquet', '--out', 'x', '--id', '1'],
    ],
    [
      '--tf is for one series, with --format type --tfs',
      ['bars', '--format', 'parquet', '--out', 'x', '--tf', '7D'],
    ],
    ['--tfs goes with --format', ['bars', '--id', '1', '--tfs', '7D']],
    ['--ids goes with --format', ['bars', '--ids', '1', '--tf', '7D']],
    ["required option '--id <id>' not specified", ['bars', '--tf', '7D']],
    ['no bars of timeframe "8D" (examples: ', ['bars', '--format', 'csv', '--out', 'x', '--tfs', '8D']],
    [
      'no bars of timeframe "7D" in cal_us',
      ['bars', '--format', 'csv', '--out', 'x', '--tfs', '7D', '--alignment', 'cal_us'],
    ],
    ['1D bars are exported with "export daily"', ['bars', '--format', 'csv', '--out', 'x', '--tfs', '1D']],
    ['no period 22 in dim_period', ['emas', '--format', 'csv', '--out', 'x', '--periods', '22']],
    ['--periods is for "export emas"', ['bars', '--format', 'csv', '--out', 'x', '--periods', '9']],
    ['--snapshots is for "export bars"', ['emas', '--format', 'csv', '--out', 'x', '--snapshots']],
    [
      '--indicators is for "export indicators"',
      ['bars', '--format', 'csv', '--out', 'x', '--indicators', 'rsi_14'],
    ],
    [
      'no values of "rsi_2", there are macd_3_6_4, ',
      ['indicators', '--format', 'csv', '--out', 'x', '--indicators', 'rsi_2'],
    ],
    ['export daily is 1D bars: it takes no --tfs', ['daily', '--format', 'csv', '--out', 'x', '--tfs', '7D']],
    ['no column "price", there are id, ', ['daily', '--format', 'csv', '--out', 'x', '--columns', 'price']],
    ['Allowed choices are parquet, arrow, csv', ['daily', '--format', 'xml', '--out', 'x']],
    ['no such asset: 9', ['daily', '--format', 'csv', '--out', 'x', '--ids', '9']],
  ])('%s', async (message, args) => {
    const { stdout, stderr } = await expectExit(2, warehouse.run(['export', ...args], { cwd: folder }));
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(existsSync(join(folder, 'x'))).toBe(false);
  });

  test('a file as the folder', async () => {
    writeFileSync(lake(), '');
    const { stderr } = await expectExit(
      2,
      warehouse.run(['export', 'daily', '--format', 'csv', '--out', lake()]),
    );
    expect(stderr).toContain('is a file; with --format it expects a folder');
  });

  // Node's own recursive mkdir never comes back from there.
  test.runIf(existsSync('/proc/self'))('a folder where none can be made: at once', async () => {
    const { stderr } = await expectExit(
      1,
      warehouse.run(['export', 'daily', '--format', 'csv', '--out', '/proc/barwright/lake']),
    );
    expect(stderr).toContain("mkdir '/proc/barwright'; there is no such file or folder: check the path");
    await expectExit(1, runCli(['db', 'start', '--data-dir', '/proc/barwright']));
  });
});

if (python !== null)
  describe('Python', () => {
    /** Rows as each library reads the folder, by the columns that a row is known by. */
    const SCRIPT = `
import json, sys
import duckdb, pandas, polars
kind, folder = sys.argv[1], sys.argv[2]
names = json.loads(sys.argv[3])
pattern = f"{folder}/{kind}/*/*.parquet"
order = [n for n in ("id", "alignment", "tf", "period", "name", "day") if n in names]
def said(frame):
    frame = frame.select(names).sort(order)
    times = [n for n in names if isinstance(frame.schema[n], polars.Datetime)]
    days = [n for n in names if frame.schema[n] == polars.Date]
    frame = frame.with_columns([polars.col(n).dt.epoch("us") for n in times] + [polars.col(n).dt.epoch("d") for n in days])
    return [list(row) for row in frame.iter_rows()]
ways = {
    "polars": polars.read_parquet(pattern),
    "polars lazily": polars.scan_parquet(f"{folder}/{kind}").collect(),
    "DuckDB": duckdb.sql(f"from read_parquet('{pattern}')").pl(),
    "pandas": polars.from_pandas(pandas.read_parquet(f"{folder}/{kind}")),
}
print(json.dumps({way: said(frame) for way, frame in ways.items()}))
`;

    test.each(['daily', 'bars', 'emas', 'indicators'])(
      'polars, DuckDB and pandas read the same %s from Parquet',
      async (kind) => {
        await exported(
          kind,
          ...(kind === 'daily'
            ? []
            : ['--tfs', kind === 'bars' || kind === 'indicators' ? '7D,1M_CAL' : '7D']),
        );
        const rows = await readRows(lake(), kind);
        const names = Object.keys(rows[0] ?? {});
        const { stdout } = await promisify(execFile)(
          python,
          ['-c', SCRIPT, kind, lake(), JSON.stringify(names)],
          {
            maxBuffer: 1 << 30,
            timeout: 60_000,
          },
        );
        const order = ['id', 'alignment', 'tf', 'period', 'name', 'day'].filter((name) =>
          names.includes(name),
        );
        const compare = (a: Row, b: Row) => {
          const name = order.find((each) => a[each] !== b[each]);
          return name === undefined ? 0 : (a[name] as number) < (b[name] as number) ? -1 : 1;
        };
        const expected = rows.toSorted(compare).map((row) => names.map((name) => row[name]));
        const found = JSON.parse(stdout) as Record<string, unknown[][]>;
        expect(Object.keys(found)).toHaveLength(4);
        for (const [way, read] of Object.entries(found)) expect(read, way).toEqual(expected);
      },
    );
  });
