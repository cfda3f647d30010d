/** Runs and workers of one trace: each action of the machine as the program does it. */
import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import { LeaseLostError } from '../../../../src/storage/failures/lease-lost.js';
import { RETRY_POLICY } from '../../../../src/storage/failures/retry.js';
import {
  deleteLease,
  type Holding,
  type LeaseToken,
  upsertLease,
} from '../../../../src/storage/lease/lease.js';
import type { Database } from '../../../../src/storage/session/database.js';
import {
  type TaskScope,
  writeTaskProgress,
  writeTaskReleased,
  writeTasks,
  writeTasksClosed,
  writeTaskTaken,
} from '../../../../src/storage/workers/tasks.js';
import { execute, runBars } from '../../component-runs.js';
import { endSession, type PausedRun, pauseRun } from '../paused-run.js';
import { ID, infoOf } from '../stage.js';
import { type Action, isWriter, RUNS, type RunName, type State, WORKERS, type WorkerName } from './state.js';

/** The only task. */
export const TASK = 'task bars 0';
const NOTHING_YET = { outcomes: [], messages: [] };
/** What a worker tries again would be another action. */
const ONCE = { ...RETRY_POLICY, attempts: 1, lockAttempts: 1 };

interface Worker {
  claim: string;
  paused: PausedRun;
  /** What it has taken, and of which run. */
  held: { task: Holding; lease: LeaseToken } | null;
  running: Promise<unknown> | null;
}

interface Change {
  before: State;
  after: State;
}

/** Who is on the stage while one trace is played. */
export class Scene {
  /** What each run calls itself. */
  readonly owners: Readonly<Record<RunName, string>> = { A: randomUUID(), B: randomUUID() };
  readonly workers: Readonly<Record<WorkerName, Worker>>;
  private readonly leases = new Map<RunName, LeaseToken>();
  private readonly database: Database;

  constructor(database: Database) {
    this.database = database;
    const worker = (): Worker => ({
      ...{ claim: randomUUID(), paused: pauseRun(database), held: null, running: null },
    });
    this.workers = { V: worker(), W: worker() };
  }

  /** What the machine begins with. */
  async begin(): Promise<void> {
    await this.lead('A', null);
    await writeTasks(this.database, this.scopeOf('A'), [TASK]);
  }

  /** Does an action of the machine between two states. */
  async act(action: Action, change: Change): Promise<void> {
    const { actor } = action;
    if (actor === 'killer') await this.kill(action);
    else if (actor === 'A' || actor === 'B') await this.run(actor, action.type, change.before);
    else await this.work(actor, action, change);
    // The program has ended the sessions of those who wrote under a token that is another now.
    for (const name of WORKERS)
      if (isWriter(change.before, name) && change.before.task.token !== change.after.task.token)
        await this.lose(this.workers[name]);
  }

  private scopeOf(run: RunName): TaskScope {
    const lease = this.leases.get(run);
    if (lease === undefined) throw new Error(`run ${run} has never had the lease`);
    return { run: this.owners[run], lease };
  }

  private async lead(name: RunName, dead: RunName | null): Promise<void> {
    const { lease } = await upsertLease(this.database, infoOf(this.owners[name]), {
      dead: dead === null ? null : { ...this.scopeOf(dead).lease, info: infoOf(this.owners[dead]) },
    });
    if (lease === null) throw new Error(`run ${name} did not get the lease`);
    this.leases.set(name, lease);
  }

  private async run(name: RunName, type: Action['type'], { lease, runs }: State): Promise<void> {
    if (type === 'lead') return this.lead(name, runs[lease.owner].isDead ? lease.owner : null);
    const scope = this.scopeOf(name);
    if (type === 'lay out') return writeTasks(this.database, scope, [TASK]);
    await writeTasksClosed(this.database, scope.run, [TASK]);
    await deleteLease(this.database, scope.lease);
  }

  private async work(name: WorkerName, { type, whose }: Action, { before, after }: Change): Promise<void> {
    const worker = this.workers[name];
    if (type === 'take') return this.take(name, RUNS.find((run) => run === whose) ?? 'A', after);
    const { held } = worker;
    if (held === null) throw new Error(`${name} has taken nothing`);
    const { at } = after.workers[name];
    if (type === 'beat') expect(await writeTaskProgress(this.database, held, NOTHING_YET)).toBe(true);
    else if (type === 'begin') await this.write(worker, held, at === 'failed');
    else if (type === 'commit') await this.goOn(worker);
    else if (type === 'give back')
      expect(await writeTaskReleased(this.database, held.task, NOTHING_YET), 'it was its own').toBe(
        before.task.owner === name && before.task.token === held.task.token,
      );
    else await this.report(held, before, after);
  }

  private async take(name: WorkerName, run: RunName, after: State): Promise<void> {
    const worker = this.workers[name];
    const scope = this.scopeOf(run);
    const claim = { name: TASK, worker: name, claim: worker.claim };
    const taken = await writeTaskTaken(this.database, scope, claim);
    expect(taken !== null, 'it has the task').toBe(after.workers[name].at === 'holding');
    if (taken !== null) worker.held = { task: taken.task, lease: scope.lease };
  }

  /** Up to its COMMIT, or to the fence that keeps it out. */
  private async write(
    worker: Worker,
    { task, lease }: { task: Holding; lease: LeaseToken },
    isLost: boolean,
  ): Promise<void> {
    worker.running = runBars(worker.paused.database, { ids: [ID], lease: { ...lease, task }, retry: ONCE });
    worker.running.catch(() => {});
    // It stops behind the fence, also where that has found the lease of its run alone.
    const written = this.goOn(worker).then(() => this.goOn(worker));
    if (isLost) await expect(written).rejects.toThrow(LeaseLostError);
    else await written;
  }

  private goOn({ paused, running }: Worker): Promise<void> {
    return paused.advance(running ?? Promise.reject(new Error('nothing is running')));
  }

  private async report(
    held: { task: Holding; lease: LeaseToken },
    before: State,
    after: State,
  ): Promise<void> {
    const progress = { ...NOTHING_YET, isDone: true };
    expect(await writeTaskProgress(this.database, held, progress), 'its word counts').toBe(
      after.task.isDone && !before.task.isDone,
    );
  }

  /** A kill leaves what is open in the server as it is; then the server ends it, or does the COMMIT that was on its way. */
  private async kill({ type, whose }: Action): Promise<void> {
    const expire = (name: string) =>
      execute(this.database, `update refresh_lease set expires = '-infinity' where name = $1`, [name]);
    if (type === 'expire task') await expire(TASK);
    else if (type === 'expire lease') await expire('refresh');
    if (whose !== 'V' && whose !== 'W') return;
    const worker = this.workers[whose];
    if (type === 'orphan commits') await this.goOn(worker);
    if (type !== 'orphan ends') return;
    await endSession(this.database, worker.paused);
    await this.lose(worker);
  }

  /** Its session is gone: what it does next begins again. */
  private async lose(worker: Worker): Promise<void> {
    worker.paused.abandon();
    await worker.running?.catch(() => {});
    worker.running = null;
    worker.paused = pauseRun(this.database);
  }

  /** All who are still on the stage leave it. */
  async end(): Promise<void> {
    for (const name of WORKERS) await this.lose(this.workers[name]);
  }
}
