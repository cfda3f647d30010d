/** Backups of warehouses as each release wrote them, with what `verify` printed then: test/fixtures/warehouses. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { execute, insertPrices } from './component-runs.js';
import { type HistoryShape, pricesOf } from './histories.js';
import { keepTimeframes } from './verify.js';
import { createWarehouse, expectExit, type Warehouse } from './warehouse.js';

const ROOT = resolve(import.meta.dirname, '../..');
const FOLDER = join(ROOT, 'test/fixtures/warehouses');
const RECORD = 'record.json';

/** What was true of a warehouse when its backup was written. */
export interface OldWarehouse {
  /** The release that wrote it. */
  version: string;
  /** What `verify` printed of what is in the backup. */
  sha256: string;
  /** The same after the run that took in the change that waits in it. */
  refreshedSha256: string;
}

/** The release that this checkout becomes. */
export const VERSION: string = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

/** All that are kept, the oldest first. */
export function listOldWarehouses(): OldWarehouse[] {
  return readdirSync(FOLDER)
    .map((name): OldWarehouse => JSON.parse(readFileSync(join(FOLDER, name, RECORD), 'utf8')))
    .sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true }));
}

/** The backup of a release, as `db restore` takes it. */
export function backupOf(version: string): string {
  return join(FOLDER, version, 'backup');
}

/** The hash that `verify` prints; expects it to find nothing. */
export async function hashOfVerified(warehouse: Warehouse, args: readonly string[] = []): Promise<string> {
  const { stdout } = await expectExit(0, warehouse.run(['verify', '--json', ...args]));
  return (JSON.parse(stdout) as { sha256: string }).sha256;
}

const SHAPE = { gapRate: 0.1, longestGap: 10, ties: false, badRate: 0.1, longestChunk: 30 } as const;
const HISTORIES: Readonly<Record<number, HistoryShape>> = {
  1: { ...SHAPE, seed: 11, firstDay: 19_000, rows: 160 },
  52: { ...SHAPE, seed: 52, firstDay: 18_600, rows: 300, gapRate: 0.02 },
  825: { ...SHAPE, seed: 825, firstDay: 19_300, rows: 90, ties: true },
};

/** A little of everything: repairs, rejects, a split, kept days, a period more, a retired asset, and a change that waits. */
async function fill(warehouse: Warehouse): Promise<void> {
  const { database } = warehouse;
  await keepTimeframes(database);
  await execute(
    database,
    'delete from dim_period where period not in (6, 9, 21, 50, 100); insert into dim_period values (5)',
  );
  const ids = Object.keys(HISTORIES).map(Number);
  for (const id of ids) await insertPrices(database, id, pricesOf(HISTORIES[id] as HistoryShape));
  await expectExit(0, warehouse.run(['refresh', '--all']));
  await expectExit(0, warehouse.run(['asset', 'split', '52', '--on', '2021-03-01', '--ratio', '4:1']));
  await execute(
    database,
    `delete from cmc_price_histories7 where id = 825 and timestamp <
       (select timestamp from cmc_price_histories7 where id = 825 order by timestamp offset 12 limit 1)`,
  );
  await expectExit(0, warehouse.run(['refresh', '--all']));
  await expectExit(0, warehouse.run(['asset', 'add', '7', '--symbol', 'OLD']));
  await expectExit(0, warehouse.run(['asset', 'retire', '7']));
  await execute(
    database,
    `update cmc_price_histories7 set close = close * 1.25 where id = 1 and timestamp =
       (select timestamp from cmc_price_histories7 where id = 1 and close > 0 order by timestamp offset 40 limit 1)`,
  );
}

/** Makes the warehouse of this release again and writes its backup and record. */
export async function writeOldWarehouse(): Promise<void> {
  const warehouse = await createWarehouse();
  try {
    await fill(warehouse);
    // Of which machine a run was is nobody's business.
    await warehouse.execute(`update refresh_run set host = 'example'`);
    rmSync(join(FOLDER, VERSION), { recursive: true, force: true });
    mkdirSync(join(FOLDER, VERSION), { recursive: true });
    const sha256 = await hashOfVerified(warehouse);
    await expectExit(0, warehouse.run(['db', 'backup', backupOf(VERSION)]));
    await expectExit(0, warehouse.run(['refresh', '--all']));
    const record: OldWarehouse = {
      version: VERSION,
      sha256,
      refreshedSha256: await hashOfVerified(warehouse),
    };
    writeFileSync(join(FOLDER, VERSION, RECORD), `${JSON.stringify(record, null, 2)}\n`);
  } finally {
    await warehouse.drop();
  }
}
