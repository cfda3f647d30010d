import { Command } from 'commander';
import { type InterruptSignal, SIGNAL_EXIT_CODES } from '../../../orchestration/processes/signals.js';
import { VERSION } from '../../../orchestration/program/version.js';
import { writeBackup } from '../../../storage/backup/backup.js';
import { type BackupManifest, type BackupTable, fileOf } from '../../../storage/backup/manifest.js';
import { writeFromBackup } from '../../../storage/backup/restore.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { catchInterrupts } from '../../running/interrupts.js';
import { withDatabase } from '../../running/with-database.js';

/** One statement may copy a large table. */
const OPTIONS = { isSchemaChecked: false, statementTimeoutMs: 6 * 3_600_000 };

/** `barwright db backup DIR` and `barwright db restore DIR`: the warehouse as plain files, and back. */
export function backupCommands(act: Act): Command[] {
  const backup = new Command('backup')
    .description('Write everything of the schema to a new folder of gzipped CSV files.')
    .argument('<dir>', 'Folder to make; a backup is never written over');
  const restore = new Command('restore')
    .description('Put a backup into an empty schema, which is made when it is not there.')
    .argument('<dir>', 'Folder that "db backup" made');
  return [
    withOptions(backup, DATABASE_OPTIONS).action((dir: string, values: OptionValues) =>
      act(runInterruptibly((talk, signal) => backUp(dir, values, { talk, signal }))),
    ),
    withOptions(restore, DATABASE_OPTIONS).action((dir: string, values: OptionValues) =>
      act(runInterruptibly((talk, signal) => restoreFrom(dir, values, { talk, signal }))),
    ),
  ];
}

interface Scope {
  talk: Talk;
  signal: AbortSignal;
}

async function runInterruptibly(work: (talk: Talk, signal: AbortSignal) => Promise<void>): Promise<number> {
  const talk = createTalk(false);
  const interrupts = catchInterrupts();
  try {
    await work(talk, interrupts.signal);
    return 0;
  } catch (error) {
    if (!interrupts.signal.aborted) throw error;
    talk.say('[FAILED] interrupted: nothing was changed, nothing is left behind');
    return SIGNAL_EXIT_CODES[interrupts.signal.reason as InterruptSignal];
  } finally {
    interrupts.release();
  }
}

async function backUp(directory: string, values: OptionValues, { talk, signal }: Scope): Promise<void> {
  // An older schema is backed up as it is: before "migrate" is when people want one.
  const options = { ...OPTIONS, talk, interrupt: signal };
  await withDatabase(values, options, async (database) => {
    const onTable = (table: BackupTable) => talk.say(`[OK] ${fileOf(table.table)}: ${table.rows} rows`);
    const manifest = await writeBackup(database, { directory, version: VERSION, signal, onTable });
    sayLeftOut(talk, manifest);
    talk.say(`[OK] backup in ${directory}: ${sizeOf(manifest)}, as of ${manifest.asOf}`);
  });
}

async function restoreFrom(directory: string, values: OptionValues, { talk, signal }: Scope): Promise<void> {
  const options = { ...OPTIONS, talk, isWriting: true, interrupt: signal };
  await withDatabase(values, options, async (database) => {
    const onTable = (table: BackupTable) =>
      talk.say(`[INFO] ${table.table}: ${table.rows} rows, read back equal`);
    const { manifest, migrated } = await writeFromBackup(database, { directory, signal, onTable });
    sayLeftOut(talk, manifest);
    if (migrated.length > 0) talk.say(`[INFO] brought up to date: ${migrated.join(', ')}`);
    const schema = values.schema === 'public' ? '' : ` --schema ${values.schema}`;
    talk.say(
      `[OK] restored ${sizeOf(manifest)} as of ${manifest.asOf} into schema ${values.schema}; now prove it: ` +
        `"barwright verify${schema}"`,
    );
  });
}

function sayLeftOut(talk: Talk, { leftOut }: BackupManifest): void {
  for (const { table, why } of leftOut) talk.say(`[INFO] not in the backup: ${table} (${why})`);
}

function sizeOf({ tables }: BackupManifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const megabytes = tables.reduce((sum, table) => sum + table.bytes, 0) / 1e6;
  return `${tables.length} tables, ${rows} rows, ${megabytes.toFixed(1)} MB`;
}
