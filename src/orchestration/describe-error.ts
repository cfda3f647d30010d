import { findReadOnlyAdvice } from '../storage/failures.js';
import { findPermissionAdvice } from '../storage/permissions.js';
import { findSystemAdvice, wordsOf } from '../storage/system-failures.js';

/** Any error as one line, with its causes; and with what to do about it where that is known of every such error. */
export function describeError(error: unknown): string {
  const advice = findPermissionAdvice(error) ?? findReadOnlyAdvice(error) ?? findSystemAdvice(error);
  return advice === null ? describeCauses(error) : `${describeCauses(error)}; ${advice}`;
}

function describeCauses(error: unknown): string {
  const own = wordsOf(error);
  return !(error instanceof Error) || error.cause === undefined
    ? own
    : `${own}: ${describeCauses(error.cause)}`;
}
