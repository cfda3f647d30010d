/** Sessions of others in the way of ours, on a real server. */
import { expect, test } from 'vitest';
import { createTestDatabase } from '../../../test/support/database.js';
import { holdTable, waitForWaiter } from '../../../test/support/locks.js';
import { waitFor } from '../../../test/support/processes.js';
import { openDatabase } from '../../storage/session/database.js';
import { watchLocks } from './watch-locks.js';

test('each session in the way is said once, however often it is seen', async () => {
  const ours = await createTestDatabase();
  const named = (name: string) => {
    const url = new URL(ours.url);
    url.searchParams.set('application_name', name);
    return openDatabase(url.href, { maxConnections: 1 });
  };
  const [mallory, trudy] = [named('Mallory'), named('Trudy')];
  const said: string[] = [];
  let looks = 0;
  const read: typeof ours.database.read = async (work) => {
    const found = await ours.database.read(work);
    looks += 1;
    return found;
  };
  const lookTwice = () => {
    const before = looks;
    return waitFor('two more looks', () => (looks >= before + 2 ? true : null));
  };
  const letGo = [await holdTable(mallory, 'price_bars'), await holdTable(trudy, 'price_bars')];
  const waiting = ours.database.transaction((tx) => tx.execute('lock table price_bars'));
  await waitForWaiter(ours.database);
  const watch = watchLocks({ ...ours.database, read }, (text) => said.push(text), 100);
  await waitFor('the wait to be said', () => (said.length > 0 ? true : null));
  await lookTwice();
  expect(said).toEqual([expect.stringMatching(/^\[WARNING\] waiting for a lock: .*"Mallory"/)]);
  await letGo[0]?.();
  await waitFor('the other one to be said', () => (said.length > 1 ? true : null));
  await lookTwice();
  expect(said.slice(1)).toEqual([expect.stringContaining('"Trudy"')]);
  await letGo[1]?.();
  await waiting;
  watch.close();
  await Promise.all([mallory.close(), trudy.close()]);
  await ours.drop();
});
