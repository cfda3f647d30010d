/** What goes wrong, as an answer: a status and one sentence without secrets. */
import { UsageError } from '../../domain/text/errors.js';
import { describeError } from '../../orchestration/program/describe-error.js';
import { classifyFailure, isConnectionLost } from '../../storage/failures/failures.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import type { ApiError } from '../api/api-types.js';

/** There is no such thing. */
export class NotFoundError extends Error {
  override readonly name = 'NotFoundError';
}

/** The request is refused, whatever it asks for. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';
  readonly kind: 'unauthorized' | 'forbidden' | 'conflict';
  constructor(kind: RefusedError['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** HTTP status by kind. */
export const STATUS_OF = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  internal: 500,
  database_away: 503,
} as const satisfies Record<ApiError['kind'], number>;

/** Whether the database does not answer, or only that it cannot for now (it starts, it stops, it has no connection left). */
export function isDatabaseAway(error: unknown): boolean {
  return isConnectionLost(error) || classifyFailure(error) === 'retry';
}

/** The answer to a request that failed. */
export function answerOf(error: unknown): ApiError {
  return { error: hidePassword(wordsOf(error)), kind: kindOf(error) };
}

function kindOf(error: unknown): ApiError['kind'] {
  if (error instanceof UsageError) return 'bad_request';
  if (error instanceof NotFoundError) return 'not_found';
  if (error instanceof RefusedError) return error.kind;
  return isDatabaseAway(error) ? 'database_away' : 'internal';
}

function wordsOf(error: unknown): string {
  const words = describeError(error);
  if (!isDatabaseAway(error) || words.startsWith('the database cannot be reached')) return words;
  return `the database does not answer just now: ${words}`;
}
