import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ComponentEvent } from '../../domain/planning/outcome.js';
import { describeError } from '../program/describe-error.js';
import { SIGNAL_EXIT_CODES } from './signals.js';

/** How a child is started: program and arguments (never a secret), environment, and what goes to its stdin. */
export interface ChildCommand {
  file: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  stdin?: string;
}

export interface ChildLimits {
  /** A child that says nothing for so long is ended; a healthy one sends a heartbeat every few seconds. */
  silenceMs: number;
  /** From SIGTERM to SIGKILL of its process group. */
  graceMs: number;
}

/** When a piece of work must be over, on the clock of performance.now(), and how long that was from its beginning. */
export interface Deadline {
  atMs: number;
  seconds: number;
}

export interface SpawnOptions {
  limits?: ChildLimits | undefined;
  /** Asks it to stop when it is aborted. */
  signal?: AbortSignal | undefined;
  deadline?: Deadline | null;
  /** Leads a process group, so that all below it can be ended with it; false: it belongs to that of this process. */
  isLeader?: boolean;
}

const DEFAULT_LIMITS: ChildLimits = { silenceMs: 120_000, graceMs: 30_000 };

/** Every way a child can end, in one shape. */
export interface ChildEnd {
  returnCode: number | null;
  signal: NodeJS.Signals | null;
  /** Why its work must be taken as unfinished; null when it came to its end by itself. */
  error: string | null;
  /** The signal that somebody else ended it by: neither this process nor the work itself is the reason. */
  killedBy: NodeJS.Signals | null;
}

interface Received {
  isFinished: boolean;
  isSilent: boolean;
  isLate: boolean;
  failure: string | null;
  garbage: string | null;
  stderr: string;
}

interface Exit {
  returnCode: number | null;
  signal: NodeJS.Signals | null;
  startError: Error | null;
}

/** What is said of a component that was not ready in time. */
export function timeoutError({ seconds }: Deadline): string {
  return `timed out after ${seconds} s`;
}

const STDERR_TAIL = 2_000;

/**
 * Runs one child to its end, and passes on its events as they come.
 * Never throws: a child that cannot start, dies, falls silent, takes too long or sends what is no event is a ChildEnd with an
 * error. It is ended by SIGTERM to its process group, and SIGKILL after the grace time.
 */
export async function spawnComponent(
  command: ChildCommand,
  onEvent: (event: ComponentEvent) => void,
  options: SpawnOptions = {},
): Promise<ChildEnd> {
  const { limits = DEFAULT_LIMITS, isLeader = true, deadline = null } = options;
  const received: Received = {
    isFinished: false,
    isSilent: false,
    isLate: false,
    failure: null,
    garbage: null,
    stderr: '',
  };
  const child = spawn(command.file, command.args, {
    env: command.env,
    detached: isLeader,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const exited = waitForExit(child);
  const watch = watchChild({ child, received, isLeader }, limits, deadline);
  const stop = () => watch.end();
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();
  feed(child, command.stdin ?? '', received);
  await readEvents(child, received, (event) => {
    watch.touch();
    onEvent(event);
  });
  const exit = await exited;
  watch.close();
  options.signal?.removeEventListener('abort', stop);
  const error = errorOf(exit, received, { limits, deadline });
  const isOurDoing = received.isSilent || received.isLate || options.signal?.aborted === true;
  const killedBy = error === null || isOurDoing ? null : signalOf(exit);
  return { returnCode: exit.returnCode, signal: exit.signal, error, killedBy };
}

/** A child that was asked politely ends its transaction and exits with the signal's code. */
function signalOf({ signal, returnCode }: Exit): NodeJS.Signals | null {
  const polite = Object.entries(SIGNAL_EXIT_CODES).find(([, code]) => code === returnCode);
  return signal ?? (polite?.[0] as NodeJS.Signals | undefined) ?? null;
}

function feed(child: ChildProcess, stdin: string, received: Received): void {
  // A child that is gone before it has read everything is reported by its exit.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  child.stdout?.resume();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    received.stderr = (received.stderr + text).slice(-STDERR_TAIL);
  });
}

async function readEvents(
  child: ChildProcess,
  received: Received,
  onEvent: (event: ComponentEvent) => void,
): Promise<void> {
  // There are no streams at all where the system has given no descriptors for them.
  const stream = (child.stdio as ChildProcess['stdio'] | undefined)?.[3] as Readable | null | undefined;
  if (!stream) return;
  stream.on('error', () => {});
  // Reading begins at once: when a child exits, Node drains each of its streams that has no reader, and a reader that
  // comes later waits for ever.
  const lines = linesOf(stream);
  // The checks take a tenth of a second to load: while the child starts, and not at all where there is none.
  const { parseEvent } = await import('./event-schema.js');
  for await (const line of lines) {
    const event = parseEvent(line);
    if (event === null) {
      received.garbage ??= line.slice(0, 200);
      continue;
    }
    if (event.type === 'finished') received.isFinished = true;
    if (event.type === 'failed') received.failure = event.error;
    onEvent(event);
  }
}

/** Lines are kept from the call on, also those that come before the first is asked for. */
function linesOf(stream: Readable): AsyncIterable<string> {
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  const iterator = lines[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => iterator };
}

function waitForExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.on('error', (startError) => resolve({ returnCode: null, signal: null, startError }));
    child.on('exit', (returnCode, signal) => resolve({ returnCode, signal, startError: null }));
  });
}

interface Watched {
  child: ChildProcess;
  received: Received;
  isLeader: boolean;
}

/** Ends the child's whole group when it falls silent, is late or the run ends: first with SIGTERM, then with SIGKILL. */
function watchChild({ child, received, isLeader }: Watched, limits: ChildLimits, deadline: Deadline | null) {
  const send = (signal: NodeJS.Signals) => (isLeader ? signalGroup(child, signal) : child.kill(signal));
  let kill: NodeJS.Timeout | undefined;
  const end = () => {
    if (kill !== undefined) return;
    send('SIGTERM');
    kill = setTimeout(() => send('SIGKILL'), limits.graceMs);
  };
  const beLate = () => {
    received.isLate = true;
    end();
  };
  const late = deadline === null ? undefined : setTimeout(beLate, deadline.atMs - performance.now());
  const fallSilent = () => {
    received.isSilent = true;
    end();
  };
  let silence = setTimeout(fallSilent, limits.silenceMs);
  return {
    end,
    touch() {
      clearTimeout(silence);
      silence = setTimeout(fallSilent, limits.silenceMs);
    },
    close() {
      clearTimeout(silence);
      clearTimeout(late);
      clearTimeout(kill);
      send('SIGKILL');
    },
  };
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}

function errorOf(
  exit: Exit,
  received: Received,
  { limits, deadline }: { limits: ChildLimits; deadline: Deadline | null },
): string | null {
  if (exit.startError !== null) return `could not be started: ${describeError(exit.startError)}`;
  if (received.isFinished && received.garbage === null) return null;
  if (received.isLate && deadline !== null) return timeoutError(deadline);
  if (received.isSilent) return `said nothing for ${limits.silenceMs / 1000} s and was ended`;
  if (received.failure !== null) return received.failure;
  if (exit.signal !== null) return `was ended by signal ${exit.signal}`;
  if (received.garbage !== null) return `sent a line that is no event: "${received.garbage}"`;
  const words = lastWords(received.stderr);
  return `exited with code ${exit.returnCode} before it had finished${words === '' ? '' : `: ${words}`}`;
}

/** The line of a crash that names the error; the last line when there is none. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (
    lines.find((line) => /^\w{0,60}Error\b/.test(line) && line.includes(': ')) ??
    lines.at(-1) ??
    ''
  ).trim();
}
