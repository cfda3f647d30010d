/** A run that is killed in the middle of its bars. */
import { expect } from 'vitest';
import { holdTable, waitForWaiter } from './locks.js';
import { isAlive, listDescendants, waitFor } from './processes.js';
import type { Warehouse } from './warehouse.js';

/** Starts it, kills it with signal 9 while it writes bars, and waits until all of its processes are gone. */
export async function killInBars(warehouse: Warehouse, args: readonly string[]): Promise<void> {
  const release = await holdTable(warehouse.database, 'price_bars');
  let pid = 0;
  const running = warehouse.run(args, {
    onStart: (started) => {
      pid = started;
    },
  });
  await waitForWaiter(warehouse.database);
  const children = listDescendants(pid);
  process.kill(pid, 'SIGKILL');
  // They end by themselves, but one that got its lock first would take in days after the time that the run is then set to.
  await waitFor('the children of a killed run', () => (children.some(isAlive) ? null : true));
  await release();
  expect((await running).signal).toBe('SIGKILL');
}
