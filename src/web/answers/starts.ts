/** Refreshes that pages start: one at a time. */
import {
  type RefreshStart,
  type StartedRefresh,
  startRefresh,
} from '../../orchestration/run/start-refresh.js';
import type { LastStart, StartRunResponse } from '../api/api-types.js';
import { RefusedError } from './errors.js';

export interface Starts {
  /** Throws RefusedError while one runs. */
  start(asked: Pick<RefreshStart, 'target' | 'ids'>): Promise<StartRunResponse>;
  last(): LastStart | null;
  /** Of the one that runs; null: none does. */
  runningPid(): number | null;
}

/** Starts refreshes on this database. */
export function keepStarts(where: Pick<RefreshStart, 'dbUrl' | 'schema' | 'source'>): Starts {
  let last: LastStart | null = null;
  let pid: number | null = null;
  return {
    last: () => last,
    runningPid: () => pid,
    async start({ target, ids }) {
      if (last?.isRunning) throw new RefusedError('conflict', 'a refresh that was started here still runs');
      const startedAt = new Date().toISOString();
      const before = last;
      last = { startedAt, target, isRunning: true, exitCode: null, lastLine: null };
      let started: StartedRefresh;
      try {
        started = await startRefresh({ ...where, target, ids });
      } catch (error) {
        last = before;
        throw error;
      }
      pid = started.pid;
      void started.ended.then(({ exitCode, lastLine }) => {
        pid = null;
        last = { startedAt, target, isRunning: false, exitCode, lastLine };
      });
      return { version: 1, startedAt, pid: started.pid };
    },
  };
}
