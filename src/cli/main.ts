import { Command, CommanderError } from 'commander';
import { UsageError } from '../domain/errors.js';
import { describeError } from '../orchestration/run-daily-refresh.js';
import { VERSION } from '../orchestration/version.js';
import { hidePassword, rememberSecrets } from '../storage/secrets.js';
import { assetCommand } from './commands/asset.js';
import { checkCommand } from './commands/check.js';
import { completionCommand } from './commands/completion.js';
import { barsCommand, emasCommand } from './commands/component.js';
import { dbCommand } from './commands/db.js';
import { demoCommand } from './commands/demo.js';
import { doctorCommand } from './commands/doctor.js';
import { explainCommand } from './commands/explain.js';
import { exportCommand } from './commands/export.js';
import { grantsCommand } from './commands/grants.js';
import { ingestCommand } from './commands/ingest.js';
import { initCommand, migrateCommand } from './commands/init.js';
import { planCommand } from './commands/plan.js';
import { refreshCommand } from './commands/refresh.js';
import { retryCommand } from './commands/retry.js';
import { runsCommand } from './commands/runs.js';
import { stateCommand } from './commands/state.js';
import { statusCommand } from './commands/status.js';
import { verifyCommand } from './commands/verify.js';
import { printable } from './printable.js';

/** What a command's action does: its exit code, by promise. */
export type Act = (exitCode: Promise<number>) => Promise<void>;

/** Runs barwright with these arguments and returns the exit code; never exits by itself, never throws. */
export async function main(argv: readonly string[] = process.argv.slice(2)): Promise<number> {
  let exitCode = 0;
  // Before anything can quote them: a URL may have been typed in the wrong place.
  for (const text of [...argv, process.env.TARGET_DB_URL, process.env.MARKETDATA_DB_URL])
    if (text !== undefined) rememberSecrets(text);
  const program = createProgram(async (running) => {
    exitCode = await running;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    // Stdout belongs to what a program reads from it.
    return reportError(error, argv.includes('--json') || ['export', 'completion'].includes(argv[0] ?? ''));
  }
}

function createProgram(act: Act): Command {
  const program = new Command('barwright')
    .description('Keeps a PostgreSQL warehouse of daily prices, bars and EMAs up to date.')
    .version(VERSION)
    .showHelpAfterError('(add --help for the options)');
  for (const create of [
    refreshCommand,
    barsCommand,
    emasCommand,
    ingestCommand,
    assetCommand,
    planCommand,
    statusCommand,
    checkCommand,
    explainCommand,
    verifyCommand,
    runsCommand,
    retryCommand,
    stateCommand,
    exportCommand,
    initCommand,
    migrateCommand,
    grantsCommand,
    doctorCommand,
    dbCommand,
    demoCommand,
    completionCommand,
  ]) {
    program.addCommand(create(act));
  }
  silenceExit(program);
  return program;
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
