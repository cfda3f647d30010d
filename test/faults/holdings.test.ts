/** One holding of a lease or of a task, and a later one with the same token: no question takes one for the other. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LeaseLostError } from '../../src/storage/failures/lease-lost.js';
import {
  deleteLease,
  type Holding,
  holdLease,
  type LeaseInfo,
  type LeaseToken,
  readLeaseDrained,
  upsertLease,
  writeLeaseHeartbeat,
} from '../../src/storage/lease/lease.js';
import {
  listTasks,
  type TaskScope,
  writeTaskProgress,
  writeTaskReleased,
  writeTasks,
  writeTaskTaken,
} from '../../src/storage/workers/tasks.js';
import { execute } from '../support/component-runs.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';

const TASK = 'task bars 0';
const NOTHING = { outcomes: [], messages: [] };

let direct: TestDatabase;
beforeEach(async () => {
  direct = await createTestDatabase();
});
afterEach(() => direct.drop());

const infoOf = (run: string): LeaseInfo => ({
  ...{ run, command: 'refresh --all', host: 'here', pid: 1 },
  startedAt: new Date().toISOString(),
});

async function takeRun(): Promise<LeaseToken> {
  const { lease } = await upsertLease(direct.database, infoOf(randomUUID()));
  if (lease === null) throw new Error('nobody else is here');
  return lease;
}

/** Does `work`, then puts the rows of refresh_lease back to what they were before it. */
async function takeBack<T>(work: () => Promise<T>): Promise<T> {
  await execute(direct.database, 'create table kept as select * from refresh_lease');
  const result = await work();
  await execute(direct.database, 'delete from refresh_lease');
  await execute(direct.database, 'insert into refresh_lease select * from kept');
  await execute(direct.database, 'drop table kept');
  return result;
}

/** The rows but for the time of the last sign of life. */
const readRows = () =>
  direct.database.read((tx) =>
    tx.query('select name, owner, token, expires, info from refresh_lease order by name'),
  );

/** A write transaction of `lease` stays open while `work` is done. */
async function whileWriting(lease: LeaseToken, work: () => Promise<unknown>): Promise<void> {
  await direct.database.transaction(async (tx) => {
    await holdLease(tx, lease);
    await work();
  });
}

const fence = (lease: LeaseToken) => direct.database.transaction((tx) => holdLease(tx, lease));

describe('the lease of a run', () => {
  test.each([
    ['taken back by a restore', () => takeBack(takeRun)],
    [
      'deleted',
      async () => {
        const lease = await takeRun();
        await execute(direct.database, 'delete from refresh_lease');
        return lease;
      },
    ],
  ])(
    '%s: fence, heartbeat, give-back and drain of the first leave the second alone',
    async (_how, takeFirst) => {
      const first = await takeFirst();
      const second = await takeRun();
      expect([first.token, first.name]).toEqual([second.token, second.name]);
      const before = await readRows();
      await expect(fence(first)).rejects.toThrow(
        new LeaseLostError(
          `the lease "refresh" (token 1) was lost: another run has taken over (${second.owner.slice(0, 8)}), nothing more is written`,
        ),
      );
      expect(await writeLeaseHeartbeat(direct.database, first)).toBe(false);
      await deleteLease(direct.database, first);
      // It would wait for 15 s, and then fail.
      await whileWriting(second, () => readLeaseDrained(direct.database, first));
      expect(await readRows()).toEqual(before);
      await fence(second);
      expect(await writeLeaseHeartbeat(direct.database, second)).toBe(true);
    },
  );

  test('its row is gone, or it ran out: the reason is said', async () => {
    const lease = await takeRun();
    await execute(direct.database, `update refresh_lease set expires = now() - interval '1 s'`);
    await expect(fence(lease)).rejects.toThrow(
      /"refresh" \(token 1\) was lost: it ran out, because it could not/,
    );
    await execute(direct.database, 'delete from refresh_lease');
    await expect(fence(lease)).rejects.toThrow(/"refresh" \(token 1\) was lost: its row is gone/);
  });
});

describe('a task of a distributed run', () => {
  const claim = () => ({ name: TASK, worker: 'here 1', claim: randomUUID() });
  let scope: TaskScope;

  async function take(): Promise<Holding> {
    const taken = await writeTaskTaken(direct.database, scope, claim());
    if (taken === null) throw new Error('nobody else works on it');
    return taken.task;
  }

  beforeEach(async () => {
    const lease = await takeRun();
    scope = { run: lease.owner, lease };
    await writeTasks(direct.database, scope, [TASK]);
  });

  test('taken back and taken by another worker: no question takes one for the other', async () => {
    const first = await takeBack(take);
    const second = await take();
    expect(first.token).toBe(second.token);
    const before = await readRows();
    const { lease } = scope;
    await expect(fence({ ...lease, task: first })).rejects.toThrow(
      new LeaseLostError(
        `"${TASK}" (token 2) was lost: another worker has taken it over, nothing more is written`,
      ),
    );
    expect(await writeTaskProgress(direct.database, { lease, task: first }, NOTHING)).toBe(false);
    const done = { ...NOTHING, isDone: true };
    expect(await writeTaskProgress(direct.database, { lease, task: first }, done)).toBe(false);
    expect(await writeTaskReleased(direct.database, first, NOTHING)).toBe(false);
    await whileWriting({ ...lease, task: second }, () => readLeaseDrained(direct.database, first));
    expect(await readRows()).toEqual(before);
    await fence({ ...lease, task: second });
    expect(await writeTaskProgress(direct.database, { lease, task: second }, done)).toBe(true);
  });

  test('of a run whose lease was taken back and given again: nothing of it is written', async () => {
    const task = await take();
    const { lease } = scope;
    await execute(direct.database, `delete from refresh_lease where name = 'refresh'`);
    expect((await takeRun()).token).toBe(lease.token);
    await expect(fence({ ...lease, task })).rejects.toThrow(/the lease "refresh" \(token 1\) was lost/);
    expect(await writeTaskProgress(direct.database, { lease, task }, NOTHING)).toBe(false);
    expect(await writeTaskTaken(direct.database, scope, claim())).toBeNull();
  });

  test('asked for again after an answer that was lost: the same holding; its row tells the run that it is of', async () => {
    const asked = claim();
    const first = await writeTaskTaken(direct.database, scope, asked);
    const again = await writeTaskTaken(direct.database, scope, asked);
    expect(again?.task.owner).toBe(first?.task.owner);
    await expect(fence({ ...scope.lease, task: again?.task as Holding })).resolves.toBeUndefined();
    const told = await direct.database.read((tx) => listTasks(tx, scope.run, [TASK]));
    expect(told).toEqual([expect.objectContaining({ name: TASK, isLive: true, isDone: false })]);
  });
});

describe('a lease that ends later than a run could have written', () => {
  const set = (interval: string) =>
    execute(direct.database, `update refresh_lease set expires = clock_timestamp() + interval '${interval}'`);

  test.each(['1 year', '3 minutes', 'infinity'])(
    'in %s: it counts for nobody, the next run has it',
    async (interval) => {
      await takeRun();
      await (interval === 'infinity'
        ? execute(direct.database, `update refresh_lease set expires = 'infinity'`)
        : set(interval));
      const next = await takeRun();
      expect(next.token).toBe(2);
    },
  );

  test('its own run continues with it, and its next heartbeat writes the right time', async () => {
    const lease = await takeRun();
    await set('1 year');
    await fence(lease);
    expect(await writeLeaseHeartbeat(direct.database, lease)).toBe(true);
    expect((await upsertLease(direct.database, infoOf(randomUUID()))).held?.owner).toBe(lease.owner);
  });

  test('a clock that is set back by less than a lease takes it from nobody', async () => {
    const lease = await takeRun();
    await set('110 s');
    expect((await upsertLease(direct.database, infoOf(randomUUID()))).held?.owner).toBe(lease.owner);
  });

  test('a task likewise: another worker may have it', async () => {
    const lease = await takeRun();
    const scope = { run: lease.owner, lease };
    await writeTasks(direct.database, scope, [TASK]);
    const first = await writeTaskTaken(direct.database, scope, {
      name: TASK,
      worker: 'a',
      claim: randomUUID(),
    });
    await execute(
      direct.database,
      `update refresh_lease set expires = now() + interval '1 day' where name = '${TASK}'`,
    );
    const second = await writeTaskTaken(direct.database, scope, {
      name: TASK,
      worker: 'b',
      claim: randomUUID(),
    });
    expect([first?.task.token, second?.task.token]).toEqual([2, 3]);
  });
});
