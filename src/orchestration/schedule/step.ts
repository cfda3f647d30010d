/** One step of a round: this same program as a process of its own, with a bound on its time. */
import { spawn } from 'node:child_process';
import { PROGRAM } from '../../storage/places.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import { describeError } from '../program/describe-error.js';

/** From the signal to SIGKILL: a refresh gives its own children thirty seconds and writes its summary after that. */
const GRACE_MS = 60_000;
/** Of what it says only the end is kept. */
const MOST_KEPT = 4_000;

export interface StepCommand {
  /** Arguments that everybody may read. */
  args: readonly string[];
  /** Arguments that go in the environment, such as a database URL. */
  privateArgs: readonly string[];
}

export interface StepLimits {
  timeoutMs: number;
  graceMs?: number;
  /** Aborted with a signal's name, which is then handed on. */
  interrupt: AbortSignal;
}

/** How a step ended. */
export interface StepEnd {
  /** null: a signal ended it. */
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  /** It was ended because it took too long. */
  isLate: boolean;
  durationSec: number;
  /** The last line that it said, without passwords. */
  lastLine: string | null;
}

/** Runs a step to its end; what it says goes to `write` as it comes. Never throws: what cannot start is an exit code 1. */
export async function runStep(
  { args, privateArgs }: StepCommand,
  write: (text: string) => void,
  limits: StepLimits,
): Promise<StepEnd> {
  const { timeoutMs, graceMs = GRACE_MS, interrupt } = limits;
  const startedMs = performance.now();
  const more = privateArgs.length === 0 ? {} : { BARWRIGHT_ARGUMENTS: JSON.stringify(privateArgs) };
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: { ...process.env, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-MOST_KEPT);
      write(text);
    });
  let isLate = false;
  let killer: NodeJS.Timeout | undefined;
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal);
    killer ??= setTimeout(() => child.kill('SIGKILL'), graceMs);
  };
  const limit = setTimeout(() => {
    isLate = true;
    end('SIGTERM');
  }, timeoutMs);
  const handOn = () => end(interrupt.reason as NodeJS.Signals);
  interrupt.addEventListener('abort', handOn, { once: true });
  const ended = await new Promise<{ exitCode: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', (error) => {
      said = `it could not be started: ${describeError(error)}`;
      resolve({ exitCode: 1, signal: null });
    });
    child.once('close', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  clearTimeout(limit);
  clearTimeout(killer);
  interrupt.removeEventListener('abort', handOn);
  const durationSec = (performance.now() - startedMs) / 1000;
  return { ...ended, isLate, durationSec, lastLine: lastLineOf(said) };
}

function lastLineOf(said: string): string | null {
  const line = said.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line === '' ? null : hidePassword(line);
}
