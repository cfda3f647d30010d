/** A PostgreSQL of another version than the embedded one, where one can be had. */
import { note } from './note.js';
import { runAdminStatement } from './server.js';

const GUESS = 'postgres://postgres@127.0.0.1:5432/postgres';
/** Where a second server is, if there is one. */
export const SECOND_SERVER = process.env.BARWRIGHT_TEST_PG15_URL ?? GUESS;
let found: Promise<string | null> | null = null;

/**
 * URL of a superuser on a second server: BARWRIGHT_TEST_PG15_URL, else a local one without a password; null when
 * there is none, and then it is said. A server that was named but does not answer is an error.
 */
export function findSecondServer(): Promise<string | null> {
  found ??= askServers();
  return found;
}

async function askServers(): Promise<string | null> {
  const named = process.env.BARWRIGHT_TEST_PG15_URL;
  try {
    const [row] = await runAdminStatement(SECOND_SERVER, 'select current_setting($$server_version$$)');
    note(`[INFO] second server: PostgreSQL ${row?.[0]}`);
    return SECOND_SERVER;
  } catch (error) {
    if (named !== undefined) throw error;
    note(
      '[INFO] left out: tests on a second server (none at 127.0.0.1:5432; BARWRIGHT_TEST_PG15_URL names one)',
    );
    return null;
  }
}
