/** Bounds of every wait for the database, and the variables that change them. */
import { UsageError } from '../../domain/text/errors.js';

export interface Timeouts {
  /** Until a connection is there. */
  connectMs: number;
  /** For one statement; also for a transaction in which nothing is asked. */
  statementMs: number;
  /** For one lock. */
  lockMs: number;
}

const VARIABLES = {
  connectMs: ['BARWRIGHT_CONNECT_TIMEOUT_MS', 15_000],
  statementMs: ['BARWRIGHT_STATEMENT_TIMEOUT_MS', 600_000],
  lockMs: ['BARWRIGHT_LOCK_TIMEOUT_MS', 60_000],
} as const satisfies Record<keyof Timeouts, readonly [variable: string, defaultMs: number]>;

/** PostgreSQL's own limit. */
const LONGEST_MS = 2 ** 31 - 1;
/** Client-side margin over the server's own timeout: it matters only when the server cannot answer any more. */
const LONGEST_GRACE_MS = 30_000;
const LAST_LOOK_MS = 500;

/** The bounds that the environment gives, else the usual ones. Throws UsageError, naming the variable, on any other text. */
export function readTimeouts(env: NodeJS.ProcessEnv = process.env): Timeouts {
  const read = ([variable, defaultMs]: readonly [string, number]): number => {
    const text = env[variable]?.trim() ?? '';
    if (text === '') return defaultMs;
    const ms = /^[0-9]{1,10}$/.test(text) ? Number(text) : 0;
    if (ms >= 1 && ms <= LONGEST_MS) return ms;
    throw new UsageError(`${variable} expects milliseconds from 1 to ${LONGEST_MS}, got "${text}"`);
  };
  return {
    connectMs: read(VARIABLES.connectMs),
    statementMs: read(VARIABLES.statementMs),
    lockMs: read(VARIABLES.lockMs),
  };
}

/**
 * The bounds of a connection whose statements have another one. A lock is given up before the statement is: the server
 * then says that it was a lock, and who holds it can be said.
 */
export function boundsOf({ statementMs, lockMs, ...rest }: Timeouts): Timeouts {
  return { ...rest, statementMs, lockMs: Math.min(lockMs, Math.ceil((statementMs * 2) / 3)) };
}

/** How long the client waits for a statement that the server should have ended: its timeout, and some time more. */
function clientLimitMs(statementMs: number): number {
  return statementMs + Math.min(LONGEST_GRACE_MS, statementMs);
}

/**
 * Waits for the server's answer to a statement; `onSilence` is called and an error thrown when there is none. Then the
 * connection cannot be used any more. A process that was stopped itself finds its own timer before an answer that has
 * been there for long: so it looks once more before it says that the server is silent.
 */
export async function awaitAnswer<T>(
  answer: Promise<T>,
  statementMs: number,
  onSilence: () => void,
): Promise<T> {
  const limitMs = clientLimitMs(statementMs);
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_resolve, reject) => {
    const giveUp = () => {
      onSilence();
      reject(new Error(describeSilence(limitMs + LAST_LOOK_MS)));
    };
    timer = setTimeout(() => {
      timer = setTimeout(giveUp, LAST_LOOK_MS);
    }, limitMs);
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}

function describeSilence(waitedMs: number): string {
  return (
    `read timeout: the database gave no answer to a statement for ${waitedMs / 1000} s, nor did it end the statement ` +
    'itself: look at the server and at the network between, then run again'
  );
}
