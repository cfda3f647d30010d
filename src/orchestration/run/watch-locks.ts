import type { Database } from '../../storage/session/database.js';
import { findLockWait } from '../../storage/session/lock-holders.js';

const EVERY_MS = 5_000;

/**
 * Says that barwright waits for a lock of another session, after `everyMs` and once for each session in the way. What
 * cannot be looked up is not said.
 */
export function watchLocks(
  database: Database,
  say: (text: string) => void,
  everyMs = EVERY_MS,
): { close(): void } {
  const named = new Set<number>();
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    const wait = await database.read((tx) => findLockWait(tx, everyMs / 1000)).catch(() => null);
    isLooking = false;
    if (wait === null || named.has(wait.pid)) return;
    named.add(wait.pid);
    say(`[WARNING] waiting for a lock: ${wait.words}`);
  };
  const timer = setInterval(() => void look(), everyMs).unref();
  return { close: () => clearInterval(timer) };
}
