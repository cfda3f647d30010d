/** Runs of a model test by the program itself, now and then with one of its processes killed. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { ComponentResult } from '../../../src/orchestration/processes/component-result.js';
import { type CliEnd, runCli } from '../cli.js';
import { waitForSilence } from '../locks.js';
import { isAlive, listDescendants, waitFor } from '../processes.js';
import type { RefreshOperation } from './operations.js';
import { addOutcome, noOutcomes, type Runner, type RunOutcomes, type RunRequest } from './runner.js';

/** Until a run has shown how long one takes. */
const USUAL_MS = 1_000;

/** A runner that starts processes; it learns how long an undisturbed run takes, to place its kills within one. */
export function createProcessRunner(): Runner {
  let usualMs = USUAL_MS;
  return async (request) => {
    const outcomes = noOutcomes();
    for (const args of commandsOf(request.operation)) {
      const isEmas = args[0] === 'emas';
      const ids = isEmas && request.operation.stages === 'both' ? outcomes.done : request.ids;
      if (ids.length === 0 || outcomes.isKilled) continue;
      const startedMs = performance.now();
      const { end, isKilled } = await runProcess(request, [...args, '--ids', ids.join()], usualMs);
      outcomes.isKilled ||= isKilled;
      if (isKilled) outcomes.done = [];
      else {
        usualMs = performance.now() - startedMs;
        gather(outcomes, end);
      }
    }
    return outcomes;
  };
}

/** One command, or one for each component where parts of both are asked for. */
function commandsOf({ stages, builders, families }: RefreshOperation): string[][] {
  const bars = ['bars', ...(builders === null ? [] : ['--only', builders.join()])];
  const emas = ['emas', ...(families === null ? [] : ['--only', families.join()])];
  if (stages === 'bars') return [bars];
  if (stages === 'emas') return [emas];
  return builders === null && families === null ? [['refresh', '--all']] : [bars, emas];
}

async function runProcess(
  { operation, tfs, databases, writer }: RunRequest,
  command: readonly string[],
  usualMs: number,
): Promise<{ end: CliEnd; isKilled: boolean }> {
  const { kill, late } = operation;
  const flags = [
    ...(tfs === null ? [] : ['--tfs', tfs.join()]),
    ...(operation.fullRebuild ? ['--full-rebuild'] : []),
    ...(operation.acceptDeletions && command[0] !== 'emas' ? ['--accept-deletions'] : []),
    ...(databases.relation === null || command[0] === 'emas' ? [] : ['--source', databases.relation]),
    ...(operation.batchAssets > 2 ? ['-n', '2'] : []),
    '--json',
  ];
  let killing: Promise<number[] | null> = Promise.resolve(null);
  const end = await runCli([...command, ...flags], {
    env: { TARGET_DB_URL: databases.live.url },
    onStart: (pid) => {
      if (kill !== null) killing = killOne(pid, kill.victim, kill.moment * usualMs);
      if (late !== null) setTimeout(() => writer?.finish(), late.statement * 40);
    },
  });
  const family = await killing;
  if (family !== null) {
    await waitFor('the end of all processes of a killed run', () => (family.some(isAlive) ? null : true));
    await waitForSilence(databases.live);
  }
  return { end, isKilled: family !== null };
}

/** Kills one process of a run's family; null when the run was over by then, else all that were of the family. */
async function killOne(pid: number, pick: number, afterMs: number): Promise<number[] | null> {
  await sleep(afterMs);
  const family = [pid, ...listDescendants(pid)];
  const victim = family[pick % family.length] ?? pid;
  if (!isAlive(pid)) return null;
  try {
    process.kill(victim, 'SIGKILL');
  } catch {
    // It has ended by itself in this moment.
  }
  return family;
}

function gather(outcomes: RunOutcomes, { code, stdout, stderr }: CliEnd): void {
  expect([0, 1, 3], `${stdout}\n${stderr}`).toContain(code);
  const report: { components: ComponentResult[]; error: string | null } = JSON.parse(stdout);
  expect(report.error).toBeNull();
  for (const { component, outcomes: found } of report.components) {
    if (component === 'bars') for (const outcome of found ?? []) addOutcome(outcomes, outcome);
    else for (const { status, reason } of found ?? []) expect(status, reason).not.toBe('failed');
  }
}
