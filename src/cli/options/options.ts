import { type Command, Option } from 'commander';
import { parseDay } from '../../domain/calendar/day.js';
import { checkName, checkRoleName } from '../../domain/text/names.js';
import { EXPORT_OPTIONS } from './export-options.js';
import { type GroupedOption, groupOfOption, inOrderOfGroups } from './help-groups.js';
import { readSourceOption } from './named-sources.js';
import {
  parseCombos,
  parseCount,
  parseCurrency,
  parseFetches,
  parseHours,
  parseLateAfter,
  parseNames,
  parsePercent,
  parsePeriods,
  parsePort,
  parseRatio,
  parseSeconds,
  parseSeed,
  parseSingleId,
  parseSplitDay,
  parseSymbol,
  parseTimeframes,
} from './option-values.js';

/** Every flag, once: parent and child are the same program and read the same list. */
const OPTIONS = {
  bars: () => new Option('--bars', 'Run bar builders only'),
  emas: () => new Option('--emas', 'Run EMA refreshers only'),
  indicators: () => new Option('--indicators', 'Run indicators only'),
  all: () => new Option('--all', 'Run bars then EMAs (full refresh)'),
  ids: () => new Option('--ids <ids>', 'Comma-separated IDs or "all"').default('all'),
  dbUrl: () => new Option('--db-url <url>', 'Database URL (default: from config/env)'),
  embedded: () => new Option('--embedded', "Use barwright's own PostgreSQL, started on demand"),
  dataDir: () => new Option('--data-dir <dir>', 'Where the embedded PostgreSQL keeps its data'),
  schema: () =>
    new Option('--schema <name>', 'PostgreSQL schema of the warehouse')
      .argParser((name: string) => checkName('--schema', name))
      .default('public')
      .env('BARWRIGHT_SCHEMA'),
  source: () =>
    new Option('--source <relation>', 'Table or view of daily prices')
      .argParser(readSourceOption)
      .env('BARWRIGHT_SOURCE'),
  origin: () =>
    new Option('--origin <name>', 'PostgreSQL schema of the tables to compare with')
      .argParser((name: string) => checkName('--origin', name))
      .default('public')
      .env('BARWRIGHT_ORIGIN'),
  compareTfs: () =>
    new Option('--tfs <timeframes>', 'Compare only series of these timeframes, such as 1D,7D').argParser(
      parseTimeframes,
    ),
  dryRun: () => new Option('--dry-run', 'Show what would execute'),
  verbose: () => new Option('--verbose', 'Show detailed output'),
  continueOnError: () => new Option('--continue-on-error', 'Continue on failures'),
  skipStaleCheck: () => new Option('--skip-stale-check', 'Skip bar freshness check for EMAs'),
  stalenessHours: () =>
    new Option('--staleness-hours <hours>', 'Max hours for bar freshness (default: 48)').argParser(
      parseHours,
    ),
  lateAfter: () =>
    new Option('--late-after <days>', 'Expected days that may be missing (default: 1)').argParser(
      parseLateAfter,
    ),
  allowLate: () => new Option('--allow-late', 'Take late sources for granted'),
  fullRebuild: () => new Option('--full-rebuild', 'Rebuild everything from the first day'),
  numProcesses: () =>
    new Option('-n, --num-processes <count>', 'Worker processes per component').argParser(parseCount),
  resume: () => new Option('--resume', 'Continue with the newest unfinished run'),
  timeout: () =>
    new Option('--timeout <seconds>', 'End a component that takes longer').argParser(parseSeconds),
  distribute: () => new Option('--distribute', 'Let "barwright worker" processes do the work'),
  workerWait: () =>
    new Option('--worker-wait <seconds>', 'End without a worker for so long (default: 300)').argParser(
      parseSeconds,
    ),
  queue: () => new Option('--queue', 'Also the queue of "refresh --distribute", in a schema of its own'),
  limit: () =>
    new Option('--limit <count>', 'Show so many runs, the newest first').argParser(parseCount).default(20),
  only: () =>
    new Option('--only <names>', 'Builders or EMA families to run, comma-separated').argParser(parseNames),
  tfs: () =>
    new Option('--tfs <timeframes>', 'Only these timeframes, such as 7D,1M_CAL').argParser(parseTimeframes),
  periods: () =>
    new Option('--periods <periods>', 'Only series with these EMA periods, as 10,20').argParser(parsePeriods),
  tfPeriodCombos: () =>
    new Option('--tf-period-combos <combos>', 'Only these series, such as 7D:10,7D:20').argParser(
      parseCombos,
    ),
  acceptDeletions: () => new Option('--accept-deletions', 'Drop days that a source has lost'),
  acceptProvisional: () =>
    new Option('--accept-provisional', 'Take newest days loaded before they were over'),
  validate: () => new Option('--validate', 'Judge the stored bars and EMAs afterwards'),
  owner: () =>
    new Option('--owner <role>', 'Role that makes and migrates the schema').argParser((name: string) =>
      checkRoleName('--owner', name),
    ),
  runner: () =>
    new Option('--runner <role>', 'Role that ingests, refreshes and verifies').argParser((name: string) =>
      checkRoleName('--runner', name),
    ),
  reader: () =>
    new Option('--reader <role>', 'Role that queries').argParser((name: string) =>
      checkRoleName('--reader', name),
    ),
  late: () => new Option('--late', 'Only assets that are level with a source that has nothing newer'),
  stale: () => new Option('--stale', 'Only assets whose newest price is older than the limit'),
  failed: () => new Option('--failed', 'Only assets that failed in their newest run, or are quarantined'),
  sort: () => new Option('--sort <by>', 'Order of the assets').choices(['id', 'age']).default('id'),
  json: () => new Option('--json', 'Print JSON only on stdout; talk goes to stderr'),
  skipBadRows: () => new Option('--skip-bad-rows', 'Keep the good lines of a file that has bad ones'),
  currency: () =>
    new Option('--currency <code>', 'Currency of prices that do not say it, such as EUR').argParser(
      parseCurrency,
    ),
  acceptCurrency: () =>
    new Option(
      '--accept-currency',
      'Take prices in another currency than the stored ones: the asset is in it now',
    ),
  acceptName: () => new Option('--accept-name', 'Take a file that names another asset than --id'),
  acceptAdjustment: () =>
    new Option('--accept-adjustment', 'Take adjusted prices over raw ones, or raw over adjusted'),
  id: () => new Option('--id <id>', 'Asset of the file (CoinMarketCap id)').argParser(parseSingleId),
  watch: () => new Option('--watch', 'Stay, and read files of these folders as they are added or changed'),
  exchange: () =>
    new Option(
      '--exchange <id>',
      'Fetch daily candles from this exchange (needs ccxt), with --symbol and --id',
    ),
  coinmarketcap: () =>
    new Option('--coinmarketcap', "Fetch from CoinMarketCap's API (key in CMC_API_KEY), with --id"),
  symbol: () =>
    new Option(
      '--symbol <symbol>',
      'The asset of a file, such as BTC (registered when new); with --exchange its market, such as BTC/USDT',
    ).argParser(parseSymbol),
  map: () =>
    new Option(
      '--map <columns>',
      'Columns of an unknown layout, such as date=Datum,open=2,high=3,low=4,close=5',
    ),
  dateFormat: () =>
    new Option('--date-format <format>', 'How days are written, such as DD.MM.YYYY or MM/DD/YYYY'),
  decimal: () => new Option('--decimal <mark>', 'What stands before decimals').choices(['point', 'comma']),
  zone: () =>
    new Option(
      '--zone <name>',
      'Days of a file are those of this zone, such as America/New_York: its date is the day',
    ),
  adjusted: () =>
    new Option('--adjusted', 'Scale all four prices to the adjusted close (default: raw prices)'),
  since: () =>
    new Option(
      '--since <day>',
      'First day to fetch (default: new days, the last ten again, and holes)',
    ).argParser(parseDay),
  ...EXPORT_OPTIONS,
  out: () => new Option('--out <file>', 'Write this file, whole or not at all (default: stdout)'),
  yes: () => new Option('--yes', 'Do it: without this only what would be done is shown'),
  headViews: () =>
    new Option('--head-views', 'Make views of the names that the head of the replaced system has'),
  trackChanges: () =>
    new Option('--track-changes', 'Put triggers on the source table that note every change of it'),
  sourceCheck: () =>
    new Option(
      '--source [relation]',
      'Rebuild from the source (this table or view, or ours), not from the 1D bars, and say which days differ',
    ),
  sample: () =>
    new Option('--sample <percent>', 'Only so many percent of the assets, chosen at random').argParser(
      parsePercent,
    ),
  seed: () => new Option('--seed <number>', 'Choose the same sample again').argParser(parseSeed),
  on: () =>
    new Option('--on <day>', 'First day whose prices are of the new unit, such as 2020-08-31').argParser(
      parseSplitDay,
    ),
  ratio: () =>
    new Option(
      '--ratio <new:old>',
      'New units for old ones: 4:1 for a split, 1:1000 for one new token for 1,000',
    ).argParser(parseRatio),
  volumeInUnits: () =>
    new Option('--volume-in-units', 'The source counts volume in units, not in money: adjust it too'),
  note: () => new Option('--note <text>', 'What the record is about, for people'),
  remove: () => new Option('--remove', 'Take the split of that day back'),
  citus: () => new Option('--citus', 'Only print the SQL for a Citus cluster'),
  untrackChanges: () => new Option('--untrack-changes', 'Take those triggers away again'),
  quiet: () => new Option('--quiet', 'Print nothing when all is well, for cron'),
  ingestStrict: () =>
    new Option(
      '--strict',
      'Exit 3 when days are not plausible, refused or repaired, and on bad lines left out',
    ),
  strict: () => new Option('--strict', 'Exit 3 on warnings, repairs, rejects and gaps'),
  alertOnError: () => new Option('--alert-on-error', 'Report failures by Telegram, webhook or e-mail'),
  alertExec: () => new Option('--alert-exec <command>', 'Report failures by this command, by stdin'),
  test: () => new Option('--test', 'Send a message to every channel that is set up'),
  logFile: () => new Option('--log-file <file>', 'Log file (default: .logs/refresh-YYYY-MM-DD.log)'),
  noLogFile: () => new Option('--no-log-file', 'Write no log file'),
  metricsFile: () =>
    new Option('--metrics-file <file>', "Metrics for Prometheus' textfile collector").env(
      'BARWRIGHT_METRICS_FILE',
    ),
  maxAge: () =>
    new Option('--max-age <hours>', 'How long ago the last good run may be (default: 26)').argParser(
      parseHours,
    ),
  allowSkipped: () => new Option('--allow-skipped', 'Count a run that skipped assets as good'),
  whole: () => new Option('--whole', 'Count only runs of bars and EMAs over all assets'),
  host: () =>
    new Option('--host <address>', 'Address to serve on; any but this machine demands a token').default(
      '127.0.0.1',
    ),
  port: () =>
    new Option('--port <number>', 'Port to serve on; 0: any free one').argParser(parsePort).default(4747),
  allowRun: () => new Option('--allow-run', 'Let pages start a refresh, with the token that is printed'),
  at: () =>
    new Option('--at <times>', 'Times of the day, such as 06:00 or 06:00,18:30').argParser(parseNames),
  cron: () => new Option('--cron <pattern>', 'Instead of --at: a cron pattern, such as "0 6 * * 1-5"'),
  timezone: () => new Option('--timezone <name>', 'What the times are meant in').default('UTC'),
  now: () => new Option('--now', 'Begin with a round at once'),
  ingestFiles: () => new Option('--ingest <files...>', 'Load these files or folders before each refresh'),
  fetch: () =>
    new Option('--fetch <sources>', 'Fetch before each refresh, such as kraken:BTC/USD:1').argParser(
      parseFetches,
    ),
  roundTimeout: () =>
    new Option('--round-timeout <seconds>', 'End the running command of a round after this time')
      .argParser(parseSeconds)
      .default(21_600),
  allowedHosts: () =>
    new Option(
      '--allowed-hosts <names>',
      'Further names by which pages are reached, comma-separated',
    ).argParser(parseNames),
} as const satisfies Record<string, () => Option> & Record<GroupedOption, unknown>;

export type { OptionValues } from './option-types.js';
export type OptionName = keyof typeof OPTIONS;
/** Where the warehouse is: every command that opens a database takes these. */
export const DATABASE_OPTIONS = [
  'dbUrl',
  'embedded',
  'dataDir',
  'schema',
] as const satisfies readonly OptionName[];

/** A flag, as a new object. */
export function createOption(name: OptionName): Option {
  return OPTIONS[name]();
}

/** Adds flags to a command, group by group as --help lists them, within a group in this order. */
export function withOptions(command: Command, names: readonly OptionName[]): Command {
  for (const name of inOrderOfGroups(names)) {
    const option = OPTIONS[name]();
    const group = groupOfOption(name, names.length);
    command.addOption(group === null ? option : option.helpGroup(group));
  }
  return command;
}
