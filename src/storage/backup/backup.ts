/** A backup: everything of the warehouse's schema, from one snapshot, as plain files in a new directory. */
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../../domain/text/errors.js';
import type { Database, Tx } from '../session/database.js';
import { flushDirectory, writeTableFile } from './files.js';
import { type BackupManifest, type BackupTable, fileOf, formatManifest, manifestHead } from './manifest.js';
import { deleteLeftParts, partOf } from './partial-files.js';
import { type BackupPlan, readBackupPlan, readRowCount, readTableCsv, writeReadLock } from './tables.js';

export interface BackupOptions {
  /** Where the backup goes: it must not be there yet. */
  directory: string;
  /** This barwright's version. */
  version: string;
  /** Aborted when it is to be given up. */
  signal: AbortSignal;
  /** Called for each table as it is written. */
  onTable?: (table: BackupTable) => void;
}

/**
 * Writes a backup. The directory appears whole or not at all; it and its files can be read by their owner only.
 * Runs may continue meanwhile: what they commit after the first statement is not in it.
 */
export async function writeBackup(database: Database, options: BackupOptions): Promise<BackupManifest> {
  const directory = resolve(options.directory);
  if (existsSync(directory))
    throw new UsageError(`${directory} is there already: a backup is never written over, name a new folder`);
  if (!existsSync(dirname(directory)))
    throw new UsageError(`a backup goes into a folder that is there, and ${dirname(directory)} is not`);
  await deleteLeftParts(dirname(directory));
  const draft = partOf(directory);
  await mkdir(draft, { mode: 0o700 });
  try {
    const manifest = await writeTables(database, draft, options);
    const { name, text } = formatManifest(manifest);
    await writeFile(join(draft, name), text, { flag: 'wx', mode: 0o600, flush: true });
    await flushDirectory(draft);
    await rename(draft, directory);
    await flushDirectory(dirname(directory));
    return manifest;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (options.signal.aborted || error instanceof UsageError) throw error;
    throw new Error(`the backup failed, ${directory} was not made`, { cause: error });
  }
}

async function writeTables(
  database: Database,
  draft: string,
  options: BackupOptions,
): Promise<BackupManifest> {
  const planned = await database.read((tx) => readBackupPlan(tx, database.schema));
  return database.read(async (tx) => {
    // Emptying a table (TRUNCATE) does not respect snapshots, so it is locked out between here and the end.
    await writeReadLock(tx, planned.tables);
    const plan = await readBackupPlan(tx, database.schema);
    checkSamePlan(planned, plan);
    const [server, asOfUs] = await readFacts(tx);
    const tables: BackupTable[] = [];
    for (const form of plan.tables) {
      options.signal.throwIfAborted();
      const rows = await readRowCount(tx, form.table);
      const path = join(draft, fileOf(form.table));
      const facts = await writeTableFile(path, readTableCsv(tx, form), options.signal);
      const table = { table: form.table, columns: [...form.columns], rows, ...facts };
      tables.push(table);
      options.onTable?.(table);
    }
    return {
      ...manifestHead(),
      barwright: options.version,
      asOf: new Date(Math.floor(asOfUs / 1000)).toISOString(),
      server,
      schema: database.schema,
      migrations: plan.migrations,
      isPricesOurs: plan.isPricesOurs,
      leftOut: plan.leftOut,
      tables,
    };
  });
}

function checkSamePlan(planned: BackupPlan, plan: BackupPlan): void {
  if (JSON.stringify(planned) !== JSON.stringify(plan))
    throw new Error('the schema was changed at this moment (a migration?): try again');
}

async function readFacts(tx: Tx): Promise<[server: string, asOfUs: number]> {
  const rows = await tx.query<[string, number]>(`select current_setting('server_version'), now()`);
  return rows[0] as [string, number];
}
