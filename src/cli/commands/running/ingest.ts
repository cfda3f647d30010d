import { Command } from 'commander';
import { type IngestOptions, ingestFile } from '../../../components/ingest/files/ingest-file.js';
import { listPriceFiles } from '../../../components/ingest/files/list-files.js';
import { formatIngestReport } from '../../../components/ingest/load/report.js';
import { SAMPLE_ASSETS } from '../../../components/ingest/load/sample-data.js';
import type { IngestReport } from '../../../components/ingest/load/staging.js';
import type { RemoteSource } from '../../../components/ingest/remote/remote-source.js';
import { UsageError } from '../../../domain/text/errors.js';
import { printable } from '../../../domain/text/printable.js';
import { describeError } from '../../../orchestration/program/describe-error.js';
import { findHasSamples } from '../../../storage/assets/samples.js';
import { checkPricesWritable } from '../../../storage/prices/staging.js';
import type { Database, Tx } from '../../../storage/session/database.js';
import { hidePassword } from '../../../storage/settings/secrets.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { catchInterrupts } from '../../running/interrupts.js';
import { watchFolders } from '../../running/watch-folders.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright ingest`: files of daily prices, CoinMarketCap's API and candles of exchanges, into the price table. */
export function ingestCommand(act: Act): Command {
  const command = new Command('ingest')
    .description('Load daily prices: files of many programs, the API of CoinMarketCap, candles of exchanges.')
    .argument(
      '[files...]',
      'Files (CSV, JSON, Parquet, Arrow; also in gzip or ZIP) or folders of them; the asset comes from content, name, --id or --symbol',
    );
  const options = [
    'id',
    'symbol',
    'map',
    'dateFormat',
    'decimal',
    'zone',
    'adjusted',
    'currency',
    'acceptCurrency',
    'acceptName',
    'acceptAdjustment',
    'skipBadRows',
    'watch',
    'exchange',
    'coinmarketcap',
    'since',
    ...DATABASE_OPTIONS,
    'ingestStrict',
    'json',
  ] as const;
  return withOptions(command, options).action((files: string[], values: OptionValues) =>
    act(runAs(files, values)),
  );
}

async function runAs(files: readonly string[], values: OptionValues): Promise<number> {
  const isFetched = isRemote(values);
  if (isFetched && values.watch) throw new UsageError('--watch is for folders: leave it out where you fetch');
  if (isFetched) return runRemote(files, values);
  return values.watch ? runWatch(files, values) : runIngest(files, values);
}

function isRemote({ exchange, since, coinmarketcap }: OptionValues): boolean {
  return (exchange ?? since ?? coinmarketcap) !== undefined;
}

async function runRemote(files: readonly string[], values: OptionValues): Promise<number> {
  const { id, since = null } = values;
  if (files.length > 0)
    throw new UsageError(
      `"${files[0]}" would be read, and the flags say to fetch: type two commands for both`,
    );
  if (id === undefined) throw new UsageError('fetching needs --id: whose prices are these?');
  const talk = createTalk(values.json ?? false);
  const source = await openSource(values);
  const report = await withDatabase(values, { talk, isWriting: true }, async (database) => {
    await database.read(checkPrices);
    const { ingestRemote } = await import('../../../components/ingest/remote/ingest-remote.js');
    const { skipBadRows = false, acceptCurrency, acceptAdjustment } = values;
    const accepted = { acceptCurrency, acceptAdjustment };
    return ingestRemote(database, source, { id, since, skipBadRows, ...accepted, say: talk.say });
  });
  talk.say(formatIngestReport(report));
  if (values.json) talk.json({ version: 1, files: [report], failures: [] });
  return codeOf([report], values);
}

/** The table is ours, and holds no samples. Throws UsageError. */
async function checkPrices(tx: Tx): Promise<void> {
  await checkPricesWritable(tx);
  const ids = SAMPLE_ASSETS.map(({ id }) => id);
  if (await findHasSamples(tx, ids))
    throw new UsageError(
      'this schema holds sample data, which never mixes with prices of the market: make another one with ' +
        '"barwright init --schema NAME", and type --schema NAME here too (left out: public)',
    );
}

async function openSource({ exchange, symbol, coinmarketcap }: OptionValues): Promise<RemoteSource> {
  if (coinmarketcap) {
    if (exchange !== undefined || symbol !== undefined)
      throw new UsageError('--coinmarketcap and --exchange are two sources: give one of them');
    const { openCoinMarketCap } = await import('../../../components/ingest/remote/coinmarketcap-source.js');
    return openCoinMarketCap();
  }
  if (exchange === undefined || symbol?.includes('/') !== true)
    throw new UsageError(
      '--exchange and --symbol belong together, such as --exchange kraken --symbol BTC/USD',
    );
  const { openExchange } = await import('../../../components/ingest/remote/exchange-source.js');
  return openExchange({ exchange, symbol });
}

/** Until it is interrupted, which is its good end. */
async function runWatch(folders: readonly string[], values: OptionValues): Promise<number> {
  if (folders.length === 0)
    throw new UsageError('--watch expects a folder, such as "barwright ingest --watch DIR"');
  if (values.json) throw new UsageError('--json is one answer, and --watch never ends: give one of them');
  const talk = createTalk(false);
  const interrupts = catchInterrupts();
  const { signal } = interrupts;
  try {
    await withDatabase(values, { talk, isWriting: true }, async (database) => {
      await database.read(checkPrices);
      talk.say(`[INFO] watching ${folders.join(', ')} (Ctrl-C ends it)`);
      const ingest = async (path: string) => {
        talk.say(formatIngestReport(await ingestFile(database, { ...fileOptions(path, values), signal })));
      };
      await watchFolders({ folders, talk, signal, ingest });
    });
    talk.say('[OK] no longer watching');
    return 0;
  } finally {
    interrupts.release();
  }
}

function fileOptions(path: string, values: OptionValues): IngestOptions {
  const { id = null, symbol = null, map = null, dateFormat = null, decimal = null, zone = null } = values;
  const { skipBadRows = false, adjusted: isAdjusted = false, currency = null } = values;
  const { acceptCurrency = false, acceptName = false, acceptAdjustment = false } = values;
  const accepted = { acceptCurrency, acceptName, acceptAdjustment };
  const reading = { map, dateFormat, decimal, zone, isAdjusted, skipBadRows };
  return { path, id, symbol, ...reading, currency, ...accepted };
}

/** With --strict what a person should look at ends with 3. */
function codeOf(reports: readonly IngestReport[], { strict }: OptionValues): number {
  const isDoubtful = ({ judged, badLines, future, firstDuplicates }: IngestReport) =>
    judged.findings.count + judged.rejects.count + badLines > 0 ||
    future !== null ||
    firstDuplicates.some(({ isOther }) => isOther);
  return strict && reports.some(isDoubtful) ? 3 : 0;
}

interface FileFailure {
  file: string;
  error: string;
}

async function runIngest(named: readonly string[], values: OptionValues): Promise<number> {
  if (named.length === 0)
    throw new UsageError(
      'ingest expects files or folders, or --exchange or --coinmarketcap to fetch from; --help shows how',
    );
  const { paths: files, passedOver } = await listPriceFiles(named);
  const asset = values.id === undefined ? values.symbol && '--symbol' : '--id';
  if (asset && files.length > 1) {
    throw new UsageError(
      `${asset} names one asset, but ${files.length} files were given: ingest them one by one`,
    );
  }
  const talk = createTalk(values.json ?? false);
  const reports: IngestReport[] = [];
  const failures: FileFailure[] = [];
  const isOnly = files.length === 1;
  sayPassedOver(passedOver, talk);
  await withDatabase(values, { talk, isWriting: true }, async (database) => {
    await database.read(checkPrices);
    for (const file of files) await ingestOne(file, { values, talk, database, isOnly, reports, failures });
  });
  if (!isOnly) talk.say(`${files.length} files: ${reports.length} stored, ${failures.length} failed`);
  if (values.json) talk.json({ version: 1, files: reports, failures, passedOver });
  return failures.length > 0 ? 1 : codeOf(reports, values);
}

const MOST_PASSED_OVER = 5;

function sayPassedOver(files: readonly string[], talk: Talk): void {
  if (files.length === 0) return;
  const names = files.slice(0, MOST_PASSED_OVER).map((path) => printable(path));
  if (files.length > names.length) names.push(`and ${files.length - names.length} more`);
  talk.say(
    `[INFO] ignored, because their names do not end like those of price files or have control characters: ${names.join(', ')}; name a file to load it`,
  );
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
    const report = await ingestFile(database, fileOptions(path, values));
    reports.push(report);
    talk.say(formatIngestReport(report));
  } catch (error) {
    // Of one file it is said what to type; of several the others continue.
    if (error instanceof UsageError && isOnly) throw error;
    const message = hidePassword(describeError(error));
    failures.push({ file: path, error: message });
    talk.say(`[FAILED] ${message}`);
  }
}
