/** export --format once more: only what has changed is written, and what a killed export left is completed. */
import {
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { TestDatabase } from '../support/database.js';
import { readManifest, readRows } from '../support/exported/read-files.js';
import { askRows, cloneScene, createExportScene, expectSame, SELECTS } from '../support/exported/scene.js';
import { waitFor } from '../support/processes.js';
import { expectExit, type Warehouse } from '../support/warehouse.js';

let template: TestDatabase;
let warehouse: Warehouse;
let folder: string;

beforeAll(async () => {
  template = await createExportScene();
});
afterAll(() => template?.drop());
beforeEach(async () => {
  warehouse = await cloneScene(template);
  folder = mkdtempSync(join(tmpdir(), 'barwright-files-'));
});
afterEach(async () => {
  await warehouse?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const lake = (name = 'lake') => join(folder, name);

/** Exports and gives the last line that was said. */
async function exported(kind: string, ...args: string[]): Promise<string> {
  const out = args.includes('--out') ? [] : ['--out', lake()];
  const format = args.includes('--format') ? [] : ['--format', 'parquet'];
  const { stdout } = await expectExit(0, warehouse.run(['export', kind, ...format, ...out, ...args]));
  return stdout.trimEnd().split('\n').at(-1) ?? '';
}

/** Files with what says whether they were written again. */
const stamps = () =>
  new Map(
    globSync('*/*/*', { cwd: lake() }).map((path) => [
      path,
      `${statSync(join(lake(), path)).ino} ${statSync(join(lake(), path)).mtimeMs}`,
    ]),
  );

/** Paths of files that are not as they were. */
function rewritten(before: ReadonlyMap<string, string>): string[] {
  const after = stamps();
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .sort();
}

describe('a second export', () => {
  const KINDS = ['daily', 'bars', 'emas', 'indicators'];
  const recordSplit = async (id: number) => {
    const [day] = await warehouse.query<[string]>(
      `select (max(timestamp) - interval '50 days')::date::text from cmc_price_histories7 where id = ${id}`,
    );
    await expectExit(
      0,
      warehouse.run(['asset', 'split', String(id), '--on', String(day?.[0]), '--ratio', '3:1']),
    );
  };
  const exportAll = async () => {
    for (const kind of KINDS) await exported(kind);
  };
  const of = (id: number, kinds: readonly string[] = KINDS) =>
    kinds.map((kind) => `${kind}/asset=${id}/part-0.parquet`).sort();

  beforeEach(exportAll);

  test('of what has not changed writes nothing', async () => {
    const before = stamps();
    expect(before.size).toBe(16);
    for (const kind of KINDS)
      expect(await exported(kind)).toMatch(/: 0 assets written, 4 unchanged, 1 without rows, /);
    expect(rewritten(before)).toEqual([]);
  });

  test.each<[string, number, (id: number) => Promise<unknown>]>([
    [
      'what lagged has been caught up',
      4,
      (id) => expectExit(0, warehouse.run(['refresh', '--all', '--ids', String(id)])),
    ],
    [
      'a correction of an old price',
      1,
      (id) =>
        warehouse.execute(`update cmc_price_histories7 set close = close * 1.001, high = high * 1.01
       where id = ${id} and timestamp = (select min(timestamp) + interval '20 days' from cmc_price_histories7 where id = ${id})`),
    ],
    [
      'a deletion',
      1,
      (id) =>
        warehouse.execute(`delete from cmc_price_histories7
       where id = ${id} and timestamp = (select min(timestamp) + interval '30 days' from cmc_price_histories7 where id = ${id})`),
    ],
    ['a split', 1, recordSplit],
  ])('after %s writes the files of that asset and no others', async (_what, id, change) => {
    const before = stamps();
    await change(id);
    await exportAll();
    // What has not been taken in is not there yet.
    if (id === 1) expect(rewritten(before)).toEqual([]);
    await expectExit(0, warehouse.run(['refresh', '--all', '--ids', String(id)]));
    await exportAll();
    // The 1D bars of 4 were there before.
    expect(rewritten(before)).toEqual(of(id, id === 4 ? ['bars', 'emas', 'indicators'] : KINDS));
    for (const kind of KINDS)
      expectSame(await readRows(lake(), kind), await askRows(warehouse, SELECTS[kind] ?? ''));
  });

  test('writes a file again that is missing, cut or damaged', async () => {
    const before = stamps();
    rmSync(join(lake(), 'bars/asset=1/part-0.parquet'));
    truncateSync(join(lake(), 'bars/asset=2/part-0.parquet'), 100);
    const damaged = join(lake(), 'bars/asset=3/part-0.parquet');
    const bytes = readFileSync(damaged);
    bytes[500] = (bytes[500] as number) ^ 1;
    writeFileSync(damaged, bytes);
    expect(await exported('bars')).toMatch(/: 3 assets written, 1 unchanged, /);
    expect(rewritten(before)).toEqual([1, 2, 3].flatMap((id) => of(id, ['bars'])));
    expectSame(await readRows(lake(), 'bars'), await askRows(warehouse, SELECTS.bars ?? ''));
  });

  test('removes the files of an asset that is not active any more, names them, and leaves what is not ours', async () => {
    await expectExit(0, warehouse.run(['asset', 'retire', '2']));
    writeFileSync(join(lake(), 'bars/asset=2/notes.txt'), 'mine');
    writeFileSync(join(lake(), 'readme.txt'), 'mine');
    const { stdout } = await expectExit(
      0,
      warehouse.run(['export', 'bars', '--format', 'parquet', '--out', lake()]),
    );
    expect(stdout).toContain(
      '[INFO] removed bars/asset=2/part-0.parquet: its asset is not active any more\n',
    );
    expect(globSync('bars/asset=2/*', { cwd: lake() })).toEqual(['bars/asset=2/notes.txt']);
    expect(readFileSync(join(lake(), 'readme.txt'), 'utf8')).toBe('mine');
    expect(readManifest(lake(), 'bars').assets.map(({ id }) => id)).toEqual([1, 3, 4, 5]);
    // With --ids the others stay.
    await exported('bars', '--ids', '1');
    expect(existsSync(join(lake(), 'bars/asset=3/part-0.parquet'))).toBe(true);
  });

  test.each([
    ['--tfs was all, not 7D', ['bars', '--format', 'parquet', '--tfs', '7D']],
    ['its files are parquet, not csv', ['bars', '--format', 'csv']],
    ['--snapshots was false, not true', ['bars', '--format', 'parquet', '--snapshots']],
  ])('of something else to the same folder is refused: %s', async (message, args) => {
    const before = stamps();
    const { stderr } = await expectExit(2, warehouse.run(['export', ...args, '--out', lake()]));
    expect(stderr).toContain(`bars holds another export: ${message}; name another folder`);
    expect(rewritten(before)).toEqual([]);
  });

  test('over a manifest that is damaged, or over files that none lists, is refused', async () => {
    const manifest = join(lake(), 'bars.manifest.json');
    writeFileSync(manifest, '{}');
    const damaged = await expectExit(
      2,
      warehouse.run(['export', 'bars', '--format', 'parquet', '--out', lake()]),
    );
    expect(damaged.stderr).toContain(`${manifest} is not a manifest that this barwright wrote`);
    rmSync(manifest);
    const before = stamps();
    const foreign = await expectExit(
      2,
      warehouse.run(['export', 'bars', '--format', 'parquet', '--out', lake()]),
    );
    expect(foreign.stderr).toContain('bars/asset=1/part-0.parquet is in the way: no manifest lists it');
    expect(rewritten(before)).toEqual([]);
  });
});

test('two at once write the same whole files, and the next one has nothing to do', async () => {
  await Promise.all([exported('emas', '--tfs', '7D'), exported('emas', '--tfs', '7D')]);
  const before = stamps();
  expect(before.size).toBeGreaterThan(1);
  expect(await exported('emas', '--tfs', '7D')).toContain(' 0 assets written, ');
  expect(rewritten(before)).toEqual([]);
  expect(globSync('**/.*.part', { cwd: lake() })).toEqual([]);
});

test('killed in the middle it leaves whole files only, and the next one completes them', async () => {
  const whole = lake('whole');
  // So many that it takes a while.
  await warehouse.execute('insert into dim_period select generate_series(22, 80)');
  await expectExit(0, warehouse.run(['refresh', '--all', '--ids', '1,2,3,4']));
  await exported('emas', '--out', whole);
  const killed = warehouse.run(['export', 'emas', '--format', 'parquet', '--out', lake()], {
    onStart: (pid) => {
      void waitFor(
        'the first file',
        async () => existsSync(join(lake(), 'emas/asset=1/part-0.parquet')) || null,
      ).then(() => process.kill(pid, 'SIGKILL'));
    },
  });
  expect((await killed).signal).toBe('SIGKILL');
  const hashes = new Map(
    readManifest(whole, 'emas').assets.flatMap(({ files }) =>
      files.map(({ path, sha256 }) => [path, sha256]),
    ),
  );
  const left = globSync('emas/*/part-*', { cwd: lake() });
  expect(left.length).toBeGreaterThan(0);
  expect(left.length).toBeLessThan(hashes.size);
  for (const path of left) expect(readFileSync(join(lake(), path))).toEqual(readFileSync(join(whole, path)));
  await exported('emas');
  expect(readManifest(lake(), 'emas')).toEqual(readManifest(whole, 'emas'));
  // Nothing of the killed one is left beside them.
  expect(globSync('{.*,*/*/.*}', { cwd: lake(), dot: true } as never)).toEqual([]);
});
