/** Asking over the network: what passes is asked again, a bounded number of times. */
import { setTimeout as wait } from 'node:timers/promises';
import pRetry from 'p-retry';
import { RETRY_POLICY } from '../../../storage/failures/retry.js';

/** Tries of one request, the first included: with pauses of 1, 2, 4, 8, 16, 16 s, or more by chance. */
const ATTEMPTS = 7;
/** Longer than this is not waited because a server asks for it. */
const LONGEST_ASKED_MS = 120_000;

/** A failure that passes, and how long the server asked to be left alone. */
export interface Passing {
  readonly retryAfterMs: number;
}

export interface AskOptions {
  /** For messages, such as "asking kraken for its markets". */
  readonly what: string;
  /** null: asking again would not help. */
  judge(error: unknown): Passing | null;
  say(text: string): void;
}

/** Runs one request until it has an answer. Throws Error with the last failure as its cause. */
export async function ask<T>(request: () => Promise<T>, { what, judge, say }: AskOptions): Promise<T> {
  let tries = 0;
  try {
    return await pRetry(
      async () => {
        tries += 1;
        try {
          return await request();
        } catch (error) {
          // A TypeError would end the tries by itself; whether it passes is judged here.
          throw new AskError(what, { cause: error });
        }
      },
      {
        retries: ATTEMPTS - 1,
        minTimeout: RETRY_POLICY.firstDelayMs,
        maxTimeout: RETRY_POLICY.longestDelayMs,
        randomize: true,
        shouldRetry: async ({ error, attemptNumber, retryDelay }) => {
          const passing = judge(error.cause);
          if (passing === null) return false;
          const askedMs = Math.max(0, Math.min(passing.retryAfterMs, LONGEST_ASKED_MS) - retryDelay);
          const seconds = ((askedMs + retryDelay) / 1000).toFixed(1);
          say(
            `[WARNING] ${what} failed: ${messageOf(error.cause)}; trying again in ${seconds} s (try ${attemptNumber + 1} of ${ATTEMPTS})`,
          );
          await wait(askedMs);
          return true;
        },
      },
    );
  } catch (error) {
    if (!(error instanceof AskError)) throw error;
    const times = tries === 1 ? '' : ` ${tries} times`;
    throw new Error(`${what} failed${times}`, { cause: new Error(messageOf(error.cause)) });
  }
}

class AskError extends Error {
  override readonly name = 'AskError';
}

/** Whether an answer did not come, or not to its end: what fetch throws for that. */
export function hasLostAnswer(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return true;
  return typeof (error.cause as NodeJS.ErrnoException | undefined)?.code === 'string';
}

/** "Retry-After" in milliseconds; 0 where it is not said, or not in seconds. */
export function retryAfterMs(header: string | null | undefined): number {
  const seconds = Number(header?.trim() || Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : 0;
}

const MOST_CHARACTERS = 300;

/** On one line, and cut: exchanges answer with whole pages. */
function messageOf(error: unknown): string {
  const text = (error instanceof Error ? describe(error) : String(error)).replace(/\s+/g, ' ').trim();
  return text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
}

/** "fetch failed" alone says nothing: its cause does. */
function describe({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
