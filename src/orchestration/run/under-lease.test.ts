/** A lease on a real server: what its heartbeats do, and find. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { execute } from '../../../test/support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../../../test/support/database.js';
import { waitFor } from '../../../test/support/processes.js';
import { LeaseLostError } from '../../storage/failures/lease-lost.js';
import { underLease } from './under-lease.js';

let created: TestDatabase;
beforeAll(async () => {
  created = await createTestDatabase();
});
afterAll(() => created?.drop());

const infoOf = () => ({
  ...{ run: randomUUID(), command: 'refresh --bars', host: 'here', pid: process.pid },
  startedAt: '2000-01-01T00:00:00Z',
});

test('a lease that had run out lives again with the next heartbeat', async () => {
  const { database } = created;
  const held = await underLease(database, { info: infoOf(), beatMs: 20 }, async () => {
    await execute(database, `update refresh_lease set expires = '-infinity'`);
    await waitFor('a heartbeat', async () => {
      const rows = await database.read((tx) =>
        tx.query('select from refresh_lease where expires > clock_timestamp()'),
      );
      return rows.length > 0 ? true : null;
    });
  });
  expect(held).toBeNull();
});

test('a heartbeat finds that another run has taken over, and ends the work by that', async () => {
  const { database } = created;
  let reason: unknown = null;
  await underLease(database, { info: infoOf(), beatMs: 20 }, async (_lease, signal) => {
    await execute(database, 'update refresh_lease set token = token + 1, owner = gen_random_uuid()');
    if (!signal.aborted) await once(signal, 'abort');
    reason = signal.reason;
  });
  expect(reason).toBeInstanceOf(LeaseLostError);
  expect(String(reason)).toMatch(/the lease "refresh" \(token \d+\) was lost: another run has taken over/);
  // What it has lost it does not give back.
  const rows = await database.read((tx) =>
    tx.query<[boolean]>('select expires > clock_timestamp() from refresh_lease'),
  );
  expect(rows).toEqual([[true]]);
});
