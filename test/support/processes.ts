/** Other processes of this machine, as /proc shows them. */
import { readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

const WAIT_MS = 30_000;
const PAUSE_MS = 10;

/** Repeats `check` until it gives something; throws, naming `what`, when it does not within half a minute. */
export async function waitFor<T>(what: string, check: () => T | null | Promise<T | null>): Promise<T> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const found = await check();
    if (found !== null) return found;
    if (performance.now() > deadline) throw new Error(`waited ${WAIT_MS / 1000} s for ${what}`);
    await sleep(PAUSE_MS);
  }
}

function listPids(): number[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    // It has ended.
    return '';
  }
}

/** State and parent stand behind the command's name, which is in parentheses and may hold anything. */
function readStat(pid: number, file = 'stat'): { state: string; parent: number } | null {
  const [state, parent] = readProc(pid, file).split(') ').at(-1)?.split(' ') ?? [];
  return state === undefined || parent === undefined ? null : { state, parent: Number(parent) };
}

/** Whether a process is there and not only waiting to be buried. */
export function isAlive(pid: number): boolean {
  const state = readStat(pid)?.state;
  return state !== undefined && state !== 'Z';
}

/** Stops a process, and waits until each of its threads has stopped: one that has not could still take a signal. */
export async function stopProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await waitFor(`process ${pid} to stop`, () => {
    const threads = readdirSync(`/proc/${pid}/task`);
    return threads.every((thread) => readStat(pid, `task/${thread}/stat`)?.state === 'T') ? true : null;
  });
}

/** Waits until a process that is stopped has been sent a signal, which it takes when it continues. */
export async function waitForPending(pid: number, signal: NodeJS.Signals): Promise<void> {
  const bit = 1n << BigInt(constants.signals[signal] - 1);
  await waitFor(`${signal} for process ${pid}`, () => {
    const pending = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(readProc(pid, 'status'))?.[1] ?? '0';
    return (BigInt(`0x${pending}`) & bit) === 0n ? null : true;
  });
}

/** Children, grandchildren and so on of a process; none of 0 and 1, below which is the whole machine. */
export function listDescendants(pid: number): number[] {
  if (pid <= 1) return [];
  const parents = new Map(listPids().map((each) => [each, readStat(each)?.parent ?? 0]));
  const found = [pid];
  for (const parent of found) {
    for (const [each, itsParent] of parents) if (itsParent === parent) found.push(each);
  }
  return found.slice(1);
}

export interface ArgumentWatch {
  /** Distinct argument lists seen so far that contain the text. */
  readonly seen: ReadonlySet<string>;
  stop(): void;
}

/** Looks at the argument lists of all processes, again and again, for a text that must not be in them. */
export function watchArguments(text: string): ArgumentWatch {
  const seen = new Set<string>();
  const look = () => {
    for (const pid of listPids()) {
      const words = readProc(pid, 'cmdline');
      if (words.includes(text)) seen.add(words.replaceAll('\0', ' '));
    }
  };
  const timer = setInterval(look, 3);
  return { seen, stop: () => clearInterval(timer) };
}
