/** What passes is waited for: the same work again, from a fresh snapshot, a bounded number of times (decision 067). */
import pRetry from 'p-retry';
import { hidePassword } from '../settings/secrets.js';
import { classifyFailure, describeFailure, isLockTimeout, UnreachableError } from './failures.js';

/** How often, and how long between. */
export interface RetryPolicy {
  /** Tries in all, the first included. */
  attempts: number;
  /** Tries in all when each of them has waited for a lock until its timeout. */
  lockAttempts: number;
  /** Tries in all while no server has ever answered: a mistake in the URL is as likely as a restart. */
  firstContactAttempts: number;
  /** The first pause. Each is twice the one before it, or by chance up to twice that, but never above longestDelayMs. */
  firstDelayMs: number;
  longestDelayMs: number;
}

/** The longest pause before another try; BARWRIGHT_RETRY_DELAY_MS, in whole milliseconds, makes it another. */
const LONGEST_DELAY_MS = Number(
  /^[1-9][0-9]{0,6}$/.exec(process.env.BARWRIGHT_RETRY_DELAY_MS ?? '')?.[0] ?? 16_000,
);

/** Pauses of 63 to 78 s in all: a server that is restarted within a minute is waited for. First contact: 7 to 14 s. */
export const RETRY_POLICY: RetryPolicy = {
  attempts: 8,
  lockAttempts: 3,
  firstContactAttempts: 4,
  firstDelayMs: Math.min(1_000, LONGEST_DELAY_MS),
  longestDelayMs: LONGEST_DELAY_MS,
};

/** A try that failed and will be followed by another. */
export interface RetryNotice {
  error: unknown;
  /** The number of the next try, and of how many. */
  attempt: number;
  attempts: number;
  delayMs: number;
}

export interface RetryOptions {
  policy: RetryPolicy;
  /** Ends the waiting at once, with its reason thrown. A try that is under way is not ended by it. */
  signal?: AbortSignal | undefined;
  onRetry?: ((notice: RetryNotice) => void) | undefined;
  /** Whether the server has answered before; left out means yes. */
  hasAnswered?: (() => boolean) | undefined;
}

type Settled<T> = { value: T } | { error: unknown };

/**
 * Runs `work`, and again while it fails by something that passes (see classifyFailure). What it gives or throws in the
 * end is passed on as it is, also when the signal came meanwhile: work that was done is reported as done.
 */
export async function withRetry<T>(work: (attempt: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const { policy, signal } = options;
  // After a stop the last things are still done, each in one try.
  if (signal?.aborted) return work(1);
  let settled: Settled<T> | null = null;
  try {
    await pRetry(
      async (attempt) => {
        try {
          settled = { value: await work(attempt) };
        } catch (error) {
          if (classifyFailure(error) === 'retry' && attempt < attemptsFor(error, options)) throw error;
          settled = { error };
        }
      },
      {
        retries: policy.attempts - 1,
        minTimeout: policy.firstDelayMs,
        maxTimeout: policy.longestDelayMs,
        factor: 2,
        randomize: true,
        ...(signal !== undefined && { signal }),
        shouldRetry: ({ error, attemptNumber, retryDelay }) => {
          const attempts = attemptsFor(error, options);
          options.onRetry?.({ error, attempt: attemptNumber + 1, attempts, delayMs: retryDelay });
          return true;
        },
      },
    );
  } catch (error) {
    if (settled === null) throw error;
  }
  return endOf(settled);
}

/** The same, but a lock that is not free in time is an error at once: a person has to act on it. */
export function withOneLockTry<T>(work: () => Promise<T>, retry: RetryOptions | undefined): Promise<T> {
  if (retry === undefined) return work();
  return withRetry(work, { ...retry, policy: { ...retry.policy, lockAttempts: 1 } });
}

function attemptsFor(error: unknown, { policy, hasAnswered }: RetryOptions): number {
  if (isLockTimeout(error)) return policy.lockAttempts;
  const isFirstContact = error instanceof UnreachableError && hasAnswered?.() === false;
  return isFirstContact ? policy.firstContactAttempts : policy.attempts;
}

/** A notice as a sentence for people. */
export function formatRetry({ error, attempt, attempts, delayMs }: RetryNotice): string {
  const seconds = (delayMs / 1000).toFixed(1);
  return `${hidePassword(describeFailure(error))}; trying again in ${seconds} s (try ${attempt} of ${attempts})`;
}

function endOf<T>(settled: Settled<T> | null): T {
  if (settled === null) throw new Error('the work came to no end');
  if ('error' in settled) throw settled.error;
  return settled.value;
}
