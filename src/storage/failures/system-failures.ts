/** What the system refuses to this process, and what an error of any library says, as words. */

import { hidePassword } from '../settings/secrets.js';

/** Codes of the system, and what to do about them. */
const ADVICE: Readonly<Record<string, string>> = {
  EMFILE:
    'this process may not open more files: raise its limit ("ulimit -n", LimitNOFILE= of a systemd unit), then run again',
  ENFILE:
    'this machine may not open more files: raise fs.file-max, or find out who keeps them open, then run again',
  EAGAIN:
    'this user may not start more processes: raise the limit ("ulimit -u", TasksMax= of a systemd unit), then run again',
  ENOMEM: 'this machine has no memory left: give it more, or run with less beside it (-n)',
};

const NO_FILES = /\bEMFILE\b|too many open files/i;

/** The code of the system in an error or one of its causes that no other work would be spared; null: there is none. */
function findCode(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  const { code, message, cause, errors } = error as Record<'code' | 'message' | 'cause' | 'errors', unknown>;
  if (typeof code === 'string' && Object.hasOwn(ADVICE, code)) return code;
  // Node's loader of modules says it in words alone.
  if (typeof message === 'string' && NO_FILES.test(message)) return 'EMFILE';
  const inner = Array.isArray(errors) ? errors : [cause];
  return inner.map(findCode).find((found) => found !== null) ?? null;
}

/** Whether this process has used up what the system gives it: every other asset would meet the same. */
export function isSystemFailure(error: unknown): boolean {
  return findCode(error) !== null;
}

/** What to do about a refusal of the system; null: it is none. */
export function findSystemAdvice(error: unknown): string | null {
  const code = findCode(error);
  return code === null ? null : (ADVICE[code] as string);
}

const LONGEST = 300;
/** Of an error: a database quotes whole rows and statements, a server whole pages. */
const LONGEST_WORDS = 4000;

/** Secrets are hidden before the cut: half of one is not known any more. */
function boundWords(words: string): string {
  return words.length <= LONGEST_WORDS
    ? words
    : `${hidePassword(words).slice(0, LONGEST_WORDS)}…`.toWellFormed();
}

/** The words of anything that was thrown or sent as an error: libraries do both with things that are no Error. */
export function wordsOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return boundWords(String(error));
  const { message, code, name } = error as { message?: unknown; code?: unknown; name?: unknown };
  for (const words of [message, code, error instanceof Error ? name : undefined])
    if (typeof words === 'string' && words !== '') return boundWords(words);
  try {
    return JSON.stringify(error).slice(0, LONGEST);
  } catch {
    return 'an error without words';
  }
}
