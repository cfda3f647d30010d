import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ComponentEvent } from '../domain/outcome.js';
import { parseEvent } from './event-schema.js';

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

const DEFAULT_LIMITS: ChildLimits = { silenceMs: 120_000, graceMs: 30_000 };

/** Every way a child can end, in one shape. */
export interface ChildEnd {
  returnCode: number | null;
  signal: NodeJS.Signals | null;
  /** Why its work must be taken as unfinished; null when it came to its end by itself. */
  error: string | null;
}

interface Heard {
  isFinished: boolean;
  isSilent: boolean;
  failure: string | null;
  garbage: string | null;
  stderr: string;
}

interface Exit {
  returnCode: number | null;
  signal: NodeJS.Signals | null;
  startError: Error | null;
}

const STDERR_TAIL = 2_000;

/**
 * Runs one child to its end, in a process group of its own, and hands over its events as they come.
 * Never throws: a child that cannot start, dies, falls silent or talks nonsense is a ChildEnd with an error.
 * `signal` asks it to stop (SIGTERM to the group, SIGKILL after the grace time).
 */
export async function spawnComponent(
  command: ChildCommand,
  onEvent: (event: ComponentEvent) => void,
  options: { limits?: ChildLimits; signal?: AbortSignal } = {},
): Promise<ChildEnd> {
  const limits = options.limits ?? DEFAULT_LIMITS;
  const heard: Heard = { isFinished: false, isSilent: false, failure: null, garbage: null, stderr: '' };
  const child = spawn(command.file, command.args, {
    env: command.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const exited = waitForExit(child);
  const watch = watchChild(child, heard, limits);
  const stop = () => watch.end();
  options.signal?.addEventListener('abort', stop, { once: true });
  if (options.signal?.aborted) stop();
  feed(child, command.stdin ?? '', heard);
  await readEvents(child, heard, (event) => {
    watch.touch();
    onEvent(event);
  });
  const exit = await exited;
  watch.close();
  options.signal?.removeEventListener('abort', stop);
  return { returnCode: exit.returnCode, signal: exit.signal, error: errorOf(exit, heard, limits) };
}

function feed(child: ChildProcess, stdin: string, heard: Heard): void {
  // A child that is gone before it has read everything is reported by its exit.
  child.stdin?.on('error', () => {});
  child.stdin?.end(stdin);
  child.stdout?.resume();
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    heard.stderr = (heard.stderr + text).slice(-STDERR_TAIL);
  });
}

async function readEvents(
  child: ChildProcess,
  heard: Heard,
  onEvent: (event: ComponentEvent) => void,
): Promise<void> {
  const stream = child.stdio[3] as Readable | null;
  if (!stream) return;
  stream.on('error', () => {});
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    const event = parseEvent(line);
    if (event === null) {
      heard.garbage ??= line.slice(0, 200);
      continue;
    }
    if (event.type === 'finished') heard.isFinished = true;
    if (event.type === 'failed') heard.failure = event.error;
    onEvent(event);
  }
}

function waitForExit(child: ChildProcess): Promise<Exit> {
  return new Promise((resolve) => {
    child.on('error', (startError) => resolve({ returnCode: null, signal: null, startError }));
    child.on('exit', (returnCode, signal) => resolve({ returnCode, signal, startError: null }));
  });
}

/** Ends the child's whole group when it falls silent or is told to end: first politely, then for good. */
function watchChild(child: ChildProcess, heard: Heard, limits: ChildLimits) {
  let kill: NodeJS.Timeout | undefined;
  const end = () => {
    signalGroup(child, 'SIGTERM');
    kill ??= setTimeout(() => signalGroup(child, 'SIGKILL'), limits.graceMs);
  };
  const fallSilent = () => {
    heard.isSilent = true;
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
      clearTimeout(kill);
      signalGroup(child, 'SIGKILL');
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

function errorOf(exit: Exit, heard: Heard, limits: ChildLimits): string | null {
  if (exit.startError !== null) return `could not be started: ${exit.startError.message}`;
  if (heard.isSilent) return `said nothing for ${limits.silenceMs / 1000} s and was ended`;
  if (heard.failure !== null) return heard.failure;
  if (exit.signal !== null) return `was ended by signal ${exit.signal}`;
  if (heard.garbage !== null) return `sent a line that is no event: "${heard.garbage}"`;
  if (heard.isFinished) return null;
  const words = lastWords(heard.stderr);
  return `exited with code ${exit.returnCode} before it had finished${words === '' ? '' : `: ${words}`}`;
}

/** The line of a crash that names the error; the last line when there is none. */
function lastWords(stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '');
  return (lines.find((line) => /^\w*Error\b.*: /.test(line)) ?? lines.at(-1) ?? '').trim();
}
