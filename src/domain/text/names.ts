/** Names of things in a database, as people give them. */
import { UsageError } from './errors.js';

/** PostgreSQL cuts longer names silently, so that two of them may mean the same thing. */
const MOST_BYTES = 63;
const CONTROL = /\p{Cc}/u;

/**
 * A name that can be quoted for SQL and means itself. Throws UsageError, naming `what` ("--schema"), on one that is
 * empty, too long, not text, or has control characters in it.
 */
export function checkName(what: string, name: string): string {
  const bytes = new TextEncoder().encode(name).length;
  if (bytes > 0 && bytes <= MOST_BYTES && name.isWellFormed() && !CONTROL.test(name)) return name;
  const shown = name.length > MOST_BYTES ? `${name.slice(0, MOST_BYTES)}…` : name;
  throw new UsageError(
    `${what} expects a name of 1 to ${MOST_BYTES} bytes without control characters, got ${JSON.stringify(shown.toWellFormed())} (${bytes} bytes)`,
  );
}

/** The same for a role: names that the server keeps for itself are refused too. */
export function checkRoleName(what: string, name: string): string {
  const checked = checkName(what, name);
  if (/^pg_/i.test(checked) || ['public', 'none'].includes(checked.toLowerCase()))
    throw new UsageError(`${what} expects the name of a role of yours, "${checked}" is PostgreSQL's own`);
  return checked;
}
