/** man/barwright.1: the manual page, from the same options and examples as --help. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command, Option } from 'commander';
import { describeProgram } from '../../src/cli/main.js';
import { listExamples } from '../../src/cli/options/help.js';

/** Variables that are read, with what they mean. */
export const ENVIRONMENT: readonly (readonly [name: string, meaning: string])[] = [
  ['TARGET_DB_URL, MARKETDATA_DB_URL', 'The database, where no --db-url and no db_config.env names one.'],
  ['BARWRIGHT_DB', '"embedded": use the embedded server.'],
  ['BARWRIGHT_DATA_DIR', 'As --data-dir.'],
  ['BARWRIGHT_SCHEMA', 'As --schema.'],
  ['BARWRIGHT_SOURCE', 'As --source.'],
  ['BARWRIGHT_ORIGIN', 'As --origin of "compare".'],
  ['BARWRIGHT_METRICS_FILE', 'As --metrics-file.'],
  ['TELEGRAM_BOT_TOKEN, TELEGRAM_CHAT_ID, TELEGRAM_API_URL', 'Who gets alerts by Telegram.'],
  ['BARWRIGHT_ALERT_WEBHOOK', 'The webhook that gets alerts.'],
  [
    'BARWRIGHT_ALERT_SMTP, BARWRIGHT_ALERT_EMAIL, BARWRIGHT_ALERT_EMAIL_FROM',
    'Mail server (smtp://user:password@host:587), addresses that get alerts, and the sender.',
  ],
  ['BARWRIGHT_PING_URL', 'The watcher that "schedule" tells after each good round.'],
  ['BARWRIGHT_TOKEN', 'The token that opens the dashboard on other addresses than this machine.'],
  ['BARWRIGHT_CCXT', 'The folder of ccxt, where it is not beside barwright.'],
  ['BARWRIGHT_EXCHANGE_URL', 'Another address for the exchange, such as a proxy.'],
  ['CMC_API_KEY, CMC_API_URL', "The key for CoinMarketCap's API, and another address for it."],
  [
    'BARWRIGHT_CONNECT_TIMEOUT_MS, BARWRIGHT_STATEMENT_TIMEOUT_MS, BARWRIGHT_LOCK_TIMEOUT_MS',
    'How long the database is waited for.',
  ],
  ['BARWRIGHT_RETRY_DELAY_MS', 'The first pause before something that passes is tried again.'],
  [
    'BARWRIGHT_TRUSTED_OWNERS',
    'Users whose config files and folders are used like your own, such as deploy,1001.',
  ],
  ['NO_COLOR', 'No colours.'],
];

const EXITS: readonly (readonly [code: string, meaning: string])[] = [
  ['0', 'Everything asked for is done.'],
  ['1', 'At least one asset or component failed; the others are done.'],
  ['2', 'Usage: nothing was started.'],
  ['3', 'Done, but assets were skipped; with --strict also warnings, repairs, rejects and gaps.'],
  ['4', 'Another run holds the lease.'],
  ['129, 130, 143', 'Interrupted by SIGHUP, SIGINT, SIGTERM.'],
];

const FILES: readonly (readonly [name: string, meaning: string])[] = [
  ['db_config.env', 'The database, as TARGET_DB_URL=URL; here or up to five folders above.'],
  ['barwright.config.json', 'Settings, see docs/reference/config.md; here or up to five folders above.'],
  ['.logs/refresh-YYYY-MM-DD.log', 'What every run did, one JSON object a line; kept for 30 days.'],
];

/** The page, as troff. */
export async function makeManual(checkout: string): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(checkout, 'package.json'), 'utf8')) as { version: string };
  const program = await describeProgram();
  const parts = [
    '.\\" Made by npm run documents.',
    `.TH BARWRIGHT 1 "" "barwright ${version}" "User Commands"`,
    '.nh',
    section('NAME', 'barwright \\- keeps a PostgreSQL warehouse of daily prices, bars and EMAs up to date'),
    section('SYNOPSIS', '.B barwright\n.I command\n[\\fIoption\\fR ...]'),
    section(
      'DESCRIPTION',
      escapeText(
        'Daily prices become validated 1D bars, those become bars of many timeframes, and each timeframe gets exponential ' +
          'moving averages. A run costs what the new days cost; one bad asset stops no other. Each command has --help.',
      ),
    ),
    `.SH COMMANDS\n${program.commands.flatMap((command) => formatCommand(command, '')).join('\n')}`,
    `.SH EXAMPLES\n${formatExamples('')}`,
    `.SH EXIT STATUS\n${EXITS.map(formatTerm).join('\n')}`,
    `.SH ENVIRONMENT\n${ENVIRONMENT.map(formatTerm).join('\n')}`,
    `.SH FILES\n${FILES.map(formatTerm).join('\n')}`,
    section('SEE ALSO', '.BR psql (1)\n.PP\ndocs/ in the package'),
  ];
  return `${parts.join('\n')}\n`;
}

function section(title: string, body: string): string {
  return `.SH ${title}\n${body}`;
}

/** A command that does something, with all options; one that has commands below it stands for those. */
function formatCommand(command: Command, above: string): string[] {
  const path = `${above} ${command.name()}`.trim();
  if (command.commands.length > 0) return command.commands.flatMap((child) => formatCommand(child, path));
  const usage = command.usage().replaceAll('[options]', '[\\fIoption\\fR ...]');
  const options = command.createHelp().visibleOptions(command);
  return [
    `.SS "barwright ${path}"`,
    `.B barwright ${escapeText(path)}\n${usage.replaceAll('-', '\\-')}`,
    `.PP\n${escapeText(command.description())}`,
    ...options.filter(({ long }) => long !== '--help').map(formatOption),
    ...(listExamples(path).length > 0 ? [`.PP\n${formatExamples(path)}`] : []),
  ];
}

function formatOption(option: Option): string {
  const facts = [
    option.defaultValue !== undefined && `default: ${String(option.defaultValue)}`,
    option.envVar !== undefined && `environment: ${option.envVar}`,
    option.argChoices !== undefined && `one of: ${option.argChoices.join(', ')}`,
  ].filter((fact) => fact !== false);
  const words = facts.length === 0 ? option.description : `${option.description} (${facts.join('; ')})`;
  return `.TP\n.B ${escapeText(option.flags)}\n${escapeText(words)}`;
}

function formatExamples(path: string): string {
  return listExamples(path)
    .map(([line, purpose]) => `.TP\n.B ${escapeText(`barwright ${line}`)}\n${escapeText(purpose)}`)
    .join('\n');
}

function formatTerm([name, meaning]: readonly [string, string]): string {
  return `.TP\n.B ${escapeText(name)}\n${escapeText(meaning)}`;
}

/** Characters that troff would take for its own. */
function escapeText(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('"', '\\(dq')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll(/^\./gm, '\\&.');
}
