/** Traces of a distributed run on a real server, by the functions of the program: it must come to the same state after each action. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { upsertLease } from '../../../../src/storage/lease/lease.js';
import type { Database } from '../../../../src/storage/session/database.js';
import { execute, runBars } from '../../component-runs.js';
import type { TestDatabase } from '../../database.js';
import { CLOSE, changeClose, ID, infoOf, openStage, type Stage } from '../stage.js';
import { distributedBy } from './machine.js';
import { Scene, TASK } from './scene.js';
import type { Action, State } from './state.js';

/** A warehouse of one asset, whose only task traces are played on, one after another. */
export function createTaskStage(test: TestDatabase): Promise<Stage<Action>> {
  return openStage(test, play);
}

/** One change is to be stored, and nobody has a lease. */
async function reset(database: Database): Promise<void> {
  await execute(database, 'delete from refresh_lease');
  await execute(database, changeClose(0));
  await runBars(database, { ids: [ID] });
  await execute(database, changeClose(1));
}

async function play(database: Database, trace: readonly Action[]): Promise<void> {
  const machine = distributedBy();
  await reset(database);
  const scene = new Scene(database);
  const done: string[] = [];
  let state = machine.start;
  let written: string | null = null;
  try {
    await scene.begin();
    for (const action of trace) {
      done.push(machine.nameOf(action));
      const next = machine.listSteps(state).find((step) => machine.nameOf(step.action) === done.at(-1));
      if (next === undefined) throw new Error('the machine has no such step');
      await scene.act(action, { before: state, after: next.state });
      state = next.state;
      const { version, ...seen } = await readSeen(database);
      expect(seen).toEqual(seenOf(state, scene));
      if (state.writes === 0) continue;
      written ??= version;
      expect(version, 'what was written is not written again').toBe(written);
    }
    await scene.end();
    await expectRecovery(database);
  } catch (error) {
    await scene.end();
    throw new Error(`after: ${done.join('; ')}`, { cause: error });
  }
}

/** Whatever has happened, the next run stores what the source has. */
async function expectRecovery(database: Database): Promise<void> {
  await execute(database, `update refresh_lease set expires = '-infinity'`);
  const { lease } = await upsertLease(database, infoOf(randomUUID()));
  await runBars(database, { ids: [ID], lease });
  expect(await readSeen(database), 'after another run').toMatchObject({ writes: 1 });
}

/** What anybody can see of a state from outside. */
interface Seen {
  /** As far as it changes anything: 0 or 1. */
  writes: number;
  lease: string;
  isLeaseLive: boolean;
  taskRun: string;
  taskOwner: string;
  token: number;
  isTaskLive: boolean;
  isDone: boolean;
}

async function readSeen(database: Database): Promise<Seen & { version: string }> {
  const rows = await database.read((tx) =>
    tx.query<[number, string, string, boolean, string, string, number, boolean, boolean]>(
      `select b.close - $2, b.xmin::text, l.owner::text, l.expires > clock_timestamp(), t.info ->> 'run', t.owner::text,
         t.token, t.expires > clock_timestamp(), (t.info ->> 'isDone')::boolean
       from (select close, xmin from cmc_price_bars_1d where id = $1 order by bar_seq desc limit 1) b
       join refresh_lease l on l.name = 'refresh' join refresh_lease t on t.name = $3`,
      [ID, CLOSE, TASK],
    ),
  );
  const [writes, version, lease, isLeaseLive, taskRun, taskOwner, token, isTaskLive, isDone] =
    rows[0] as (typeof rows)[number];
  return { writes, version, lease, isLeaseLive, taskRun, taskOwner, token, isTaskLive, isDone };
}

function seenOf({ writes, lease, task }: State, { owners, workers }: Scene): Seen {
  return {
    writes: Math.min(writes, 1),
    lease: owners[lease.owner],
    isLeaseLive: lease.isLive,
    taskRun: owners[task.run],
    taskOwner: task.owner === null ? owners[task.run] : workers[task.owner].claim,
    token: task.token,
    isTaskLive: task.isLive,
    isDone: task.isDone,
  };
}
