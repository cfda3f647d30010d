/** Folders for backups, and what lies in them. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createEmptyDatabase, type TestDatabaseOptions } from './database.js';
import { type Warehouse, warehouseOf } from './warehouse.js';

export interface BackupFolder {
  path: string;
  /** A name in it that is not there yet. */
  newPath(): string;
  remove(): void;
}

/** A folder of a test file's own. */
export function createBackupFolder(): BackupFolder {
  const path = mkdtempSync(join(tmpdir(), 'barwright-backup-'));
  let count = 0;
  return {
    path,
    newPath: () => join(path, `backup-${++count}`),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** Every file of a folder, as bytes. */
export function filesOf(directory: string): Record<string, Buffer> {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name))]),
  );
}

/** A database with nothing in it, and barwright run on it. */
export async function createEmptyWarehouse(options: TestDatabaseOptions = {}): Promise<Warehouse> {
  return warehouseOf(await createEmptyDatabase(options));
}
