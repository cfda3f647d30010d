import type { Database } from '../../storage/session/database.js';
import { findLockWait } from '../../storage/session/lock-holders.js';

const EVERY_MS = 5_000;

/**
 * Says that work of ours waits for a lock of somebody else, five seconds after it began and once for each who is in the way:
 * whoever looks on need not wait for the end of the wait to know who to ask. What cannot be looked up is not said.
 */
export function watchLocks(database: Database, say: (text: string) => void): { close(): void } {
  const told = new Set<number>();
  let isLooking = false;
  const look = async () => {
    if (isLooking) return;
    isLooking = true;
    const wait = await database.read((tx) => findLockWait(tx, EVERY_MS / 1000)).catch(() => null);
    isLooking = false;
    if (wait === null || told.has(wait.pid)) return;
    told.add(wait.pid);
    say(`[WARNING] waiting for a lock: ${wait.words}`);
  };
  const timer = setInterval(() => void look(), EVERY_MS).unref();
  return { close: () => clearInterval(timer) };
}
