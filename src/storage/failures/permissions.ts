/** Rights that a database role lacks: how the server says so, and what to do about it. */
import pg from 'pg';

const INSUFFICIENT_PRIVILEGE = '42501';
/** Said when something is to be made, changed or dropped. */
const OWNERSHIP = /must be (?:owner|able|superuser)|permission denied (?:to|for (?:schema|database))/;

/** Rows are never read through a policy that may leave some out. */
const POLICY = /row-level security/;
const POLICY_REMEDY =
  'rows that a policy leaves out would look like days that have vanished: give the role of this connection BYPASSRLS, ' +
  'or name a view whose owner sees every row that counts';

/** What to type when the server refused because a right is missing, in the error or one of its causes; null: it did not. */
export function findPermissionAdvice(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if (!(error instanceof pg.DatabaseError) || error.code !== INSUFFICIENT_PRIVILEGE)
    return findPermissionAdvice(error.cause);
  if (POLICY.test(error.message)) return POLICY_REMEDY;
  const remedy = OWNERSHIP.test(error.message)
    ? '"barwright grants --owner ROLE" prints the SQL for init and migrate'
    : '"barwright doctor" names what a run misses, "barwright grants --runner ROLE" prints the SQL that gives it; a purge is for the owner';
  return `the role of this connection lacks a right that this needs: ${remedy}`;
}
