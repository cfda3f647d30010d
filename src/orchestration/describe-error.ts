import { findPermissionAdvice } from '../storage/permissions.js';

/** An error as one line, with its causes; for want of a right with what to do about it. */
export function describeError(error: unknown): string {
  const advice = findPermissionAdvice(error);
  return advice === null ? describeCauses(error) : `${describeCauses(error)}; ${advice}`;
}

function describeCauses(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message || (error as NodeJS.ErrnoException).code || error.name;
  return error.cause === undefined ? own : `${own}: ${describeCauses(error.cause)}`;
}
