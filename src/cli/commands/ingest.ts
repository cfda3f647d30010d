import { Command } from 'commander';
import { type IngestReport, ingestFile } from '../../components/ingest/ingest-file.js';
import { listPriceFiles } from '../../components/ingest/list-files.js';
import { formatIngestReport } from '../../components/ingest/report.js';
import { UsageError } from '../../domain/errors.js';
import { describeError } from '../../orchestration/describe-error.js';
import type { Database } from '../../storage/database.js';
import { checkPricesWritable } from '../../storage/price-ingest.js';
import { hidePassword } from '../../storage/secrets.js';
import type { Act } from '../main.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../options.js';
import { createTalk, type Talk } from '../talk.js';
import { withDatabase } from '../with-database.js';

/** `barwright ingest FILE…`: CoinMarketCap's CSV exports and JSON into the price table. */
export function ingestCommand(act: Act): Command {
  const command = new Command('ingest')
    .description('Load CoinMarketCap files of daily prices, CSV or JSON.')
    .argument('<files...>', 'Files, or folders of *.csv and *.json; content, name or --id tells the asset');
  return withOptions(command, ['id', 'skipBadRows', ...DATABASE_OPTIONS, 'json']).action(
    (files: string[], values: OptionValues) => act(runIngest(files, values)),
  );
}

interface FileFailure {
  file: string;
  error: string;
}

async function runIngest(named: readonly string[], values: OptionValues): Promise<number> {
  const files = await listPriceFiles(named);
  if (values.id !== undefined && files.length > 1) {
    throw new UsageError(
      `--id names one asset, but ${files.length} files were given: ingest them one by one`,
    );
  }
  const talk = createTalk(values.json ?? false);
  const reports: IngestReport[] = [];
  const failures: FileFailure[] = [];
  const isOnly = files.length === 1;
  await withDatabase(values, { talk }, async (database) => {
    await database.read(checkPricesWritable);
    for (const file of files) await ingestOne(file, { values, talk, database, isOnly, reports, failures });
  });
  if (!isOnly) talk.say(`${files.length} files: ${reports.length} stored, ${failures.length} failed`);
  if (values.json) talk.json({ version: 1, files: reports, failures });
  return failures.length > 0 ? 1 : 0;
}

interface Ingesting {
  values: OptionValues;
  talk: Talk;
  database: Database;
  isOnly: boolean;
  reports: IngestReport[];
  failures: FileFailure[];
}

/** A file is one transaction: one that fails leaves nothing and does not stop the next. */
async function ingestOne(path: string, ingesting: Ingesting): Promise<void> {
  const { values, talk, database, isOnly, reports, failures } = ingesting;
  try {
    const report = await ingestFile(database, {
      path,
      id: values.id ?? null,
      skipBadRows: values.skipBadRows ?? false,
    });
    reports.push(report);
    talk.say(formatIngestReport(report));
  } catch (error) {
    // Of one file it is said what to type; of several the others go on.
    if (error instanceof UsageError && isOnly) throw error;
    const message = hidePassword(describeError(error));
    failures.push({ file: path, error: message });
    talk.say(`[FAILED] ${message}`);
  }
}
