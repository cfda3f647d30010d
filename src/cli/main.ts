import { Command, CommanderError } from 'commander';
import { UsageError } from '../domain/text/errors.js';
import { boundLine, printable } from '../domain/text/printable.js';
import { describeError } from '../orchestration/program/describe-error.js';
import { VERSION } from '../orchestration/program/version.js';
import { hidePassword, rememberSecret, rememberSecrets } from '../storage/settings/secrets.js';
import { findConfigText } from './config/find-config.js';
import { COMMAND_NAMES, type CommandName } from './options/command-names.js';
import { addHelp } from './options/help.js';
import { rankOfCommand } from './options/help-groups.js';
import { resolveSymbols } from './options/resolve-symbols.js';
import { isToBeTold, RUNS, reportRefusal } from './output/refused-runs.js';
import type { Act } from './running/action.js';

/** Runs barwright with these arguments and returns the exit code; never exits by itself, never throws. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<number> {
  let exitCode = 0;
  // Before anything can quote them: a URL may have been typed in the wrong place.
  for (const text of [
    ...argv,
    process.env.TARGET_DB_URL,
    process.env.MARKETDATA_DB_URL,
    process.env.BARWRIGHT_ALERT_SMTP,
  ])
    if (text !== undefined) rememberSecrets(text);
  const { TELEGRAM_BOT_TOKEN, BARWRIGHT_ALERT_WEBHOOK, BARWRIGHT_PING_URL, BARWRIGHT_TOKEN, CMC_API_KEY } =
    process.env;
  for (const token of [
    TELEGRAM_BOT_TOKEN,
    BARWRIGHT_ALERT_WEBHOOK,
    BARWRIGHT_PING_URL,
    BARWRIGHT_TOKEN,
    CMC_API_KEY,
  ])
    if (token !== undefined) rememberSecret(token.trim());
  let program: Command | null = null;
  try {
    refuseControls(argv);
    program = await createProgram(argv, async (running) => {
      exitCode = await running;
    });
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Stdout belongs to what a program reads from it.
    if (error instanceof CommanderError && error.code === 'commander.help') return showHelp(program, argv);
    const code = reportError(error, argv.includes('--json') || PRINTERS.includes(argv[0] ?? ''));
    if (code !== 0) await tellOthers(error, argv, program);
    return code;
  }
}

/** Line breaks and the like; a tab may be meant. */
const CONTROLS = /[^\P{Cc}\t]|[\u2028\u2029]/u;

/** What is typed is quoted in many places: with a line break in it, it would make lines of its own there. JSON may have some. */
function refuseControls(argv: readonly string[]): void {
  const found = argv.find((text) => CONTROLS.test(text) && !text.trimStart().startsWith('{'));
  if (found !== undefined)
    throw new UsageError(
      `"${boundLine(found, 120)}" has control characters in it: rename the file or folder, or type it without them`,
    );
}

/** The program without a command, and a command without its verb, say what there is. */
function showHelp(program: Command | null, [name]: readonly string[]): number {
  const command = program?.commands.find((each) => each.name() === name) ?? program;
  command?.outputHelp();
  return 0;
}

/** A refused command line is printed, and cron may be the only reader. */
async function tellOthers(error: unknown, argv: readonly string[], program: Command | null): Promise<void> {
  const [name = ''] = argv;
  const asked = {
    isOther: findCommand(name) !== undefined && !RUNS.includes(name),
    isConfigured: RUNS.includes(name) && program?.commands[0]?.getOptionValue('alertOnError') === true,
  };
  if (isToBeTold(error, argv, asked)) await reportRefusal(error, argv);
}

/**
 * Commands by name. A module is loaded when its command is typed: half of the time that a process needs to start would
 * else go into commands that it is not asked for.
 */
const COMMANDS: Readonly<Record<CommandName, () => Promise<(act: Act) => Command>>> = {
  refresh: async () => (await import('./commands/running/refresh.js')).refreshCommand,
  bars: async () => (await import('./commands/running/component.js')).barsCommand,
  emas: async () => (await import('./commands/running/component.js')).emasCommand,
  indicators: async () => (await import('./commands/running/component.js')).indicatorsCommand,
  indicator: async () => (await import('./commands/assets/indicator.js')).indicatorCommand,
  worker: async () => (await import('./commands/running/worker.js')).workerCommand,
  ingest: async () => (await import('./commands/running/ingest.js')).ingestCommand,
  source: async () => (await import('./commands/assets/source.js')).sourceCommand,
  asset: async () => (await import('./commands/assets/asset.js')).assetCommand,
  plan: async () => (await import('./commands/running/plan.js')).planCommand,
  status: async () => (await import('./commands/inspect/status.js')).statusCommand,
  alert: async () => (await import('./commands/inspect/alert.js')).alertCommand,
  check: async () => (await import('./commands/running/check.js')).checkCommand,
  explain: async () => (await import('./commands/inspect/explain.js')).explainCommand,
  verify: async () => (await import('./commands/inspect/verify.js')).verifyCommand,
  compare: async () => (await import('./commands/inspect/compare.js')).compareCommand,
  runs: async () => (await import('./commands/inspect/runs.js')).runsCommand,
  retry: async () => (await import('./commands/running/retry.js')).retryCommand,
  state: async () => (await import('./commands/database/state.js')).stateCommand,
  export: async () => (await import('./commands/inspect/export.js')).exportCommand,
  init: async () => (await import('./commands/database/init.js')).initCommand,
  migrate: async () => (await import('./commands/database/init.js')).migrateCommand,
  grants: async () => (await import('./commands/database/grants.js')).grantsCommand,
  doctor: async () => (await import('./commands/inspect/doctor.js')).doctorCommand,
  report: async () => (await import('./commands/inspect/report.js')).reportCommand,
  serve: async () => (await import('./commands/running/serve.js')).serveCommand,
  mcp: async () => (await import('./commands/running/mcp.js')).mcpCommand,
  schedule: async () => (await import('./commands/running/schedule.js')).scheduleCommand,
  db: async () => (await import('./commands/database/db.js')).dbCommand,
  demo: async () => (await import('./commands/running/demo.js')).demoCommand,
  completion: async () => (await import('./commands/completion/completion.js')).completionCommand,
};

/** What is typed may be "constructor": only what is a command is one. */
function findCommand(name: string): (typeof COMMANDS)[CommandName] | undefined {
  return Object.hasOwn(COMMANDS, name) ? COMMANDS[name as CommandName] : undefined;
}

/** Commands whose stdout is data: errors go to stderr. */
const PRINTERS: readonly string[] = [
  'status',
  'plan',
  'runs',
  'explain',
  'export',
  'report',
  'mcp',
  'completion',
];

/** The program with all of its commands, to be looked at: nothing can be run by it. */
export function describeProgram(): Promise<Command> {
  return createProgram(['completion'], async () => {});
}

/** With the command that these arguments begin with, or with all of them. */
async function createProgram(argv: readonly string[], act: Act): Promise<Command> {
  const program = new Command('barwright')
    .description('Keeps a PostgreSQL warehouse of daily prices, bars and EMAs up to date.')
    .version(VERSION)
    .showHelpAfterError('(add --help for the options)');
  // Completion speaks of all of them.
  const asked = argv[0] === 'completion' ? undefined : findCommand(argv[0] ?? '');
  for (const load of asked === undefined ? commandsInOrder() : [asked])
    program.addCommand((await load())(act));
  if (asked !== undefined && mayConfigure(argv)) await configure(program.commands[0]);
  addHelp(program);
  program.hook('preAction', (_program, command) => {
    process.title = titleOf(command);
    return resolveSymbols(command);
  });
  silenceExit(program);
  return program;
}

/** "barwright asset list": what a list of processes shows. A run adds its id when it has one. */
function titleOf(command: Command): string {
  return command.parent === null ? command.name() : `${titleOf(command.parent)} ${command.name()}`;
}

/** All of them, group by group as help lists them. */
function commandsInOrder() {
  return Object.entries(COMMANDS)
    .toSorted(([a], [b]) => rankOfCommand(a) - rankOfCommand(b))
    .map(([, load]) => load);
}

/** Help does not depend on a file, and a child process gets everything from its parent. */
function mayConfigure(argv: readonly string[]): boolean {
  return !argv.includes('--help') && !argv.includes('-h') && process.env.BARWRIGHT_CHILD === undefined;
}

async function configure(command: Command | undefined): Promise<void> {
  if (command === undefined) return;
  try {
    const file = findConfigText(process.cwd());
    if (file === null) return;
    for (const warning of file.warnings) process.stderr.write(`[WARNING] ${printable(warning)}\n`);
    const { parseConfig } = await import('./config/read-config.js');
    const { applyConfig } = await import('./config/apply-config.js');
    applyConfig(parseConfig(file, COMMAND_NAMES), command);
  } catch (error) {
    // It looks at the file itself, and continues with the rest.
    if (command.name() !== 'doctor') throw error;
  }
}

/** Errors are thrown, not exited on, and their words go to stdout like all talk (stderr with --json). */
function silenceExit(command: Command): void {
  command.exitOverride().configureOutput({ writeErr: () => {}, outputError: () => {} });
  for (const child of command.commands) silenceExit(child);
}

function reportError(error: unknown, isStdoutTaken: boolean): number {
  const stream = isStdoutTaken ? process.stderr : process.stdout;
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    // It quotes what was typed, and a URL may have been typed in the wrong place.
    stream.write(`${printable(hidePassword(error.message))}\n`);
    return 2;
  }
  stream.write(
    `${error instanceof UsageError ? '' : '[FAILED] '}${printable(hidePassword(describeError(error)))}\n`,
  );
  return error instanceof UsageError ? 2 : 1;
}
