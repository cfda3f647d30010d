/** Bounds of every wait for the database, and the variables that change them. */
import { UsageError } from '../domain/errors.js';

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

/** How long the client waits for a statement that the server should have ended: its timeout, and some time more. */
export function clientLimitMs(statementMs: number): number {
  return statementMs + Math.min(LONGEST_GRACE_MS, statementMs);
}
