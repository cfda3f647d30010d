/** What --help and the manual show besides the options: a line for the list of commands, and examples. */
import type { Command } from 'commander';
import { groupOfCommand } from './help-groups.js';

/** A command line without "barwright", and what it is for. */
export type Example = readonly [line: string, purpose: string];

interface Help {
  /** In the list of commands; left out: the description is short enough. */
  summary?: string;
  examples?: readonly Example[];
}

/** By the path of the command; '' is the program. */
const HELP: Readonly<Record<string, Help>> = {
  '': {
    examples: [
      ['demo', 'try it on sample data'],
      ['init', 'once: make the schema'],
      ['ingest prices', 'load the files of a folder'],
      ['refresh --all', 'bring everything up to date'],
      ['status', 'see how fresh everything is'],
      ['refresh --all --validate', 'do stored series break a rule?'],
    ],
  },
  refresh: {
    summary: 'Bring bars and EMAs up to date',
    examples: [
      ['refresh --all', 'everything'],
      ['refresh --all --ids 1,52 --dry-run', 'what would happen'],
      ['refresh --all --quiet --alert-on-error', 'from cron'],
      ['refresh --all --resume', 'continue after a crash'],
    ],
  },
  bars: { summary: 'Run the bar builders alone', examples: [['bars --only 1d,multi_tf', 'two builders']] },
  emas: { summary: 'Run the EMA refreshers alone', examples: [['emas --only v2', 'one family']] },
  indicators: {
    summary: 'Run the indicators alone',
    examples: [['indicators --only multi_tf', 'rolling timeframes']],
  },
  indicator: { summary: 'Say which indicators runs compute' },
  'indicator add': {
    examples: [
      ['indicator add rsi_14 macd_12_26_9', 'two'],
      ['indicator add --set common', 'ten that most people ask for'],
    ],
  },
  'indicator remove': { examples: [['indicator remove rsi_14', 'and its values, in the next run']] },
  'indicator list': { examples: [['indicator list', 'all, and who has values of them']] },
  worker: {
    summary: 'Do work of runs with --distribute',
    examples: [
      ['worker', 'one task at a time'],
      ['worker -n 4', 'four'],
    ],
  },
  ingest: {
    summary: 'Load daily prices: files, an API, exchanges',
    examples: [
      ['ingest prices', 'a whole folder'],
      ['ingest btc.csv --id 1', 'one file'],
      ['ingest --exchange kraken --symbol BTC/USD --id 1', 'an exchange'],
    ],
  },
  asset: { summary: 'Register, list, retire, split, purge assets' },
  'asset add': { examples: [['asset add 1 --symbol BTC --name Bitcoin', 'register one']] },
  'asset list': { examples: [['asset list', 'all, with what is known of them']] },
  'asset retire': { examples: [['asset retire 52', 'leave it out from now on']] },
  'asset restore': { examples: [['asset restore 52', 'take it in again']] },
  'asset release': { examples: [['asset release 825', 'out of quarantine']] },
  'asset calendar': {
    examples: [
      ['asset calendar all', 'expected and missing days'],
      ['asset calendar 52 XNYS', 'the trading days of New York'],
      ['asset calendar 52 none', 'no more prices are to come'],
      ['asset calendar ceased none', 'for all that have ceased'],
    ],
  },
  'asset holiday': {
    examples: [
      ['asset holiday XNYS 2031-01-01', 'closed on that day'],
      ['asset holiday XNYS', 'what was added'],
    ],
  },
  'asset findings': {
    examples: [
      ['asset findings', 'days that are not plausible'],
      ['asset findings 1,52', 'of these assets'],
    ],
  },
  'asset accept': {
    examples: [
      ['asset accept 5 --day 2024-01-02', 'this day is right'],
      ['asset accept 5 --before 2024-01-01', 'all earlier days are'],
    ],
  },
  'asset source': { examples: [['asset source 1 kraken', 'of several, this one counts']] },
  'asset split': {
    examples: [
      ['asset split 1 --on 2020-08-31 --ratio 4:1', '4 new for 1 old'],
      ['asset split 1', 'what is recorded'],
    ],
  },
  'asset purge': {
    examples: [
      ['asset purge 52', 'what would be deleted'],
      ['asset purge 52 --yes', 'delete it for good'],
    ],
  },
  source: { summary: 'Tables of prices of your own, described' },
  'source add': { examples: [['source add market.prices', 'what would be read, and how']] },
  'source list': { examples: [['source list', 'all that are described']] },
  plan: {
    summary: 'What would a refresh do, and what would fail?',
    examples: [['plan --ids 1,52', 'of two assets']],
  },
  status: {
    summary: 'Is everything fresh, and who is late?',
    examples: [['status --ids 1,52 --json', 'two assets, for programs']],
  },
  alert: {
    summary: 'What was alerted, and do alerts arrive? (--test)',
    examples: [
      ['alert --test', 'does a message arrive?'],
      ['alert', 'what is open, what has ended'],
    ],
  },
  check: {
    summary: 'Was there a good run lately? (exit 1: no)',
    examples: [['check --whole --max-age 26', 'was there one since yesterday?']],
  },
  explain: {
    summary: 'Why does this asset stand where it stands?',
    examples: [['explain 1', 'the causal chain, and what to type']],
  },
  verify: {
    summary: 'Is what is stored what a rebuild makes?',
    examples: [
      ['verify --sample 5', 'five percent of the assets'],
      ['verify --source', 'from the source'],
    ],
  },
  compare: {
    summary: "Do the origin's tables say the same?",
    examples: [['compare --schema barwright --tfs 1D,7D', 'theirs are in public']],
  },
  runs: {
    summary: 'What did the runs do, and why that exit code?',
    examples: [
      ['runs --limit 5', 'the newest'],
      ['runs last', 'every asset that failed or was skipped'],
    ],
  },
  retry: {
    summary: 'Do what a run left undone again',
    examples: [['retry --dry-run', 'what would be done']],
  },
  state: { summary: 'Repair what a refresh continues from' },
  'state rebuild': { examples: [['state rebuild --ids 52', 'of one asset']] },
  export: {
    summary: 'Print one series as CSV, write many as files',
    examples: [
      ['export bars --id 1 --tf 7D', 'closed bars'],
      ['export emas --id 1 --tf 7D --period 21', 'one EMA'],
      ['export indicators --id 1 --tf 7D --indicator rsi_14', 'RSI'],
      ['export emas --format parquet --tfs 7D --out lake', 'all assets'],
    ],
  },
  init: {
    summary: 'Make the schema',
    examples: [
      ['init --schema market', 'beside others'],
      ['init --track-changes --source market.prices', 'put triggers on it'],
    ],
  },
  migrate: { summary: 'Bring an older schema up to date', examples: [['migrate', 'after an update']] },
  grants: {
    summary: 'Print the SQL for roles with least rights',
    examples: [['grants --runner nightly --reader analyst', 'two roles']],
  },
  doctor: {
    summary: 'Are settings, database, rights, disk in order?',
    examples: [['doctor', 'what is not in order, and what to do']],
  },
  report: {
    summary: 'Write one HTML file about a run',
    examples: [['report last --out run.html', 'to be sent']],
  },
  serve: {
    summary: 'Show everything as pages, on 127.0.0.1',
    examples: [
      ['serve', 'http://127.0.0.1:4747/, reads only'],
      ['serve --allow-run', 'with a button that starts a refresh'],
    ],
  },
  mcp: {
    summary: 'Let a language model read, by MCP on stdio',
    examples: [['mcp --embedded', 'typed by the program that asks']],
  },
  schedule: {
    summary: 'Refresh every day at a time, until stopped',
    examples: [
      ['schedule --at 00:30 --fetch kraken:BTC/USD:1', 'an exchange'],
      ['schedule --at 06:00 --ingest prices', 'load, then refresh'],
      ['schedule --at 06:00 --timezone Europe/Berlin', 'not in UTC'],
    ],
  },
  db: { summary: 'The embedded PostgreSQL; backup and restore' },
  'db start': { examples: [['db start', 'and leave it running']] },
  'db stop': { examples: [['db stop', 'in order']] },
  'db url': { examples: [['db url', 'for psql and others']] },
  'db backup': { examples: [['db backup backups/monday', 'a new folder']] },
  'db restore': { examples: [['db restore backups/monday --schema copy', 'into a new schema']] },
  demo: { summary: 'Run everything on sample data', examples: [['demo', 'in the embedded database']] },
  completion: {
    summary: 'Print a script that completes in a shell',
    examples: [['completion bash', 'for bash']],
  },
};

/** Gives a command and those below it their lines and examples. `path`: '' is the program. */
export function addHelp(command: Command, path = ''): void {
  const help = HELP[path];
  if (help?.summary !== undefined) command.summary(help.summary);
  if (path !== '' && !path.includes(' ')) command.helpGroup(groupOfCommand(path));
  const examples = listExamples(path);
  if (examples.length > 0) command.addHelpText('after', () => `\n${formatExamples(examples)}`);
  for (const child of command.commands) addHelp(child, `${path} ${child.name()}`.trim());
}

/** The examples of a command. */
export function listExamples(path: string): readonly Example[] {
  return HELP[path]?.examples ?? [];
}

function formatExamples(examples: readonly Example[]): string {
  const lines = examples.map(([line]) => `  $ barwright ${line}`);
  const width = Math.max(...lines.map((line) => line.length));
  return ['Examples:', ...examples.map(([, purpose], k) => `${lines[k]?.padEnd(width)}  # ${purpose}`)].join(
    '\n',
  );
}
