import { UsageError } from '../../domain/text/errors.js';
import { joinLines } from '../../domain/text/printable.js';
import { findAdvice } from '../../storage/failures/failures.js';
import { findPermissionAdvice } from '../../storage/failures/permissions.js';
import { wordsOf } from '../../storage/failures/system-failures.js';

/** What the system says of a path or a port in a word, and what a person does about it. */
const PLACE_ADVICE: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or folder: check the path, or make the folder',
  EACCES: 'this user may not: check the owner and the rights of the path',
  EPERM: 'this user may not: check the owner and the rights of the path',
  EROFS: 'the disk can only be read: choose a path on another one',
  ENOSPC: 'the disk is full: make room on it',
  EDQUOT: 'the quota of this user is used up: make room',
  ENOTDIR: 'a part of the path is a file: choose another path',
  EISDIR: 'the path is a folder: name a file in it',
  EADDRINUSE: 'another program has this port: choose another one with --port',
};
/** About tables the general advice says less than the error does. */
const ABOUT_TABLES = /^the tables are not/;

/** Any error as one line, with its causes; and with what to do about it where that is known of every such error. */
export function describeError(error: unknown): string {
  const words = describeCauses(error);
  const advice = findPermissionAdvice(error) ?? adviceOf(error);
  return advice === null || words.includes(advice) ? words : `${words}; ${advice}`;
}

function adviceOf(error: unknown): string | null {
  const advice = findAdvice(error);
  if (advice !== null) return ABOUT_TABLES.test(advice) ? null : advice;
  for (let each = error; each instanceof Error; each = each.cause) {
    const known = PLACE_ADVICE[(each as NodeJS.ErrnoException).code ?? ''];
    if (known !== undefined) return known;
  }
  return null;
}

function describeCauses(error: unknown): string {
  const words = wordsOf(error);
  const own = error instanceof UsageError ? words : joinLines(words);
  return !(error instanceof Error) || error.cause === undefined
    ? own
    : `${own}: ${describeCauses(error.cause)}`;
}
