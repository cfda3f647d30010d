import { Command } from 'commander';
import { countOf, formatCauses } from '../../../domain/causes/format.js';
import { findRun, shortRun } from '../../../orchestration/past-runs/find-run.js';
import { runForJson } from '../../../orchestration/past-runs/run-json.js';
import { findRunWords, type RunWords } from '../../../storage/runs/comparison.js';
import {
  listRuns,
  listStages,
  listUndoneAssets,
  type PastRun,
  type UndoneAsset,
} from '../../../storage/runs/history.js';
import type { PastStage } from '../../../storage/runs/runs.js';
import type { Database } from '../../../storage/session/database.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright runs [RUN]`: past runs, or everything about one. */
export function runsCommand(act: Act): Command {
  const command = new Command('runs')
    .description('Past runs; with RUN its components and every asset that failed or was skipped.')
    .argument('[run]', 'Id of a run, its beginning, or "last"');
  return withOptions(command, [...DATABASE_OPTIONS, 'limit', 'json']).action(
    (run: string | undefined, values: OptionValues) => act(tellRuns(run ?? null, values)),
  );
}

async function tellRuns(run: string | null, values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  await withDatabase(values, { talk }, (database) =>
    run === null ? tellAll(talk, database, values.limit ?? 20) : tellOne(talk, database, run),
  );
  return 0;
}

async function tellAll(talk: Talk, database: Database, limit: number): Promise<void> {
  const runs = await database.read((tx) => listRuns(tx, { limit }));
  if (talk.isJson) talk.json({ version: 1, runs: runs.map(runForJson) });
  else if (runs.length === 0) talk.say('no run yet: "barwright refresh --all" makes one');
  else for (const line of formatTable([HEAD, ...runs.map(rowOf)])) talk.say(line);
}

async function tellOne(talk: Talk, database: Database, name: string): Promise<void> {
  const { run, stages, assets, words } = await database.read(async (tx) => {
    const found = await findRun(tx, name);
    return {
      run: found,
      stages: await listStages(tx, found.run),
      assets: await listUndoneAssets(tx, found.run),
      words: await findRunWords(tx, found.run),
    };
  });
  if (talk.isJson) talk.json({ version: 1, run: { ...runForJson(run), ...words, stages, assets } });
  else for (const line of formatRun({ run, stages, assets, words })) talk.say(line);
}

const HEAD = [
  'run',
  'started (UTC)',
  'duration',
  'command',
  'outcome',
  'exit',
  'ok',
  'failed',
  'skipped',
  'rows',
];

function rowOf(run: PastRun): string[] {
  return [
    shortRun(run.run),
    formatTime(run.startedUs),
    formatDuration(run),
    run.command,
    run.status,
    run.exitCode === null ? '-' : String(run.exitCode),
    String(run.ok),
    String(run.failed),
    String(run.skipped),
    String(run.rowsWritten),
  ];
}

function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

interface ToldRun {
  run: PastRun;
  stages: readonly PastStage[];
  assets: readonly UndoneAsset[];
  /** null: it runs, or died. */
  words: RunWords | null;
}

const CAUSES = { lines: 200, columns: 120, rest: '--json has all' };

function formatRun({ run, stages, assets, words }: ToldRun): string[] {
  const nowMs = (run.finishedUs ?? run.startedUs) / 1000;
  return [
    `Run ${run.run}: ${run.command}`,
    `  outcome   ${formatOutcome(run)}`,
    `  started   ${formatTime(run.startedUs)} UTC, prices as of ${formatTime(run.asOfUs)}`,
    `  duration  ${formatDuration(run)}`,
    `  process   ${run.pid} on ${run.host}, barwright ${run.version}`,
    ...(run.resumes === null ? [] : [`  continues run ${shortRun(run.resumes)}`]),
    ...(words === null ? [] : [`  verdict   ${words.verdict}`]),
    ...whyOf(run, words, nowMs),
    ...stages.flatMap((stage) => [
      formatStage(stage),
      ...assets.filter(({ component }) => component === stage.component).map(formatAsset),
    ]),
    ...(stages.length === 0 ? ['  nothing is recorded of its components'] : []),
  ];
}

/** Why its code is what it is; runs of older versions have but an error. */
function whyOf({ error }: PastRun, words: RunWords | null, nowMs: number): string[] {
  if (words?.causes) return formatCauses(words.causes, { ...CAUSES, nowMs });
  const warnings = (words?.warnings ?? []).map((warning) => `[WARNING] ${warning}`);
  return [...(error === null ? [] : [`[FAILED] ${error}`]), ...warnings];
}

function formatOutcome({ status, exitCode, closedBy, ...counts }: PastRun): string {
  if (status === 'died') {
    const by = closedBy === null ? '' : ` (run ${shortRun(closedBy)} found it so)`;
    const { ok, rowsWritten, isNoted } = counts;
    const done = isNoted
      ? `; ${countOf(rowsWritten, 'row')} of ${countOf(ok, 'asset')} and more were committed`
      : '';
    return `died: its process ended silently${by}${done}; what it had not committed was rolled back`;
  }
  return exitCode === null ? status : `${status}, exit ${exitCode}`;
}

function formatStage(stage: PastStage): string {
  if (stage.status === 'not_run') return `${stage.component}: not run`;
  return (
    `${stage.component}: ${stage.ok} ok, ${stage.failed} failed, ${stage.skipped} skipped; ` +
    `rows needed ${stage.rowsNeeded}, written ${stage.rowsWritten}; ${stage.durationSec.toFixed(2)} s`
  );
}

function formatAsset({ component, id, status, reason }: UndoneAsset): string {
  return `    [${status.toUpperCase()}] ID ${id} ${component}: ${reason}`;
}

/** "2026-11-24 06:00:01", UTC. */
function formatTime(us: number): string {
  return new Date(us / 1000).toISOString().slice(0, 19).replace('T', ' ');
}

/** How long it took; of a run that died, how long it is known to have lived. */
function formatDuration({ startedUs, finishedUs, status }: PastRun): string {
  if (finishedUs === null) return 'no end yet';
  const seconds = `${((finishedUs - startedUs) / 1e6).toFixed(1)} s`;
  return status === 'died' ? `${seconds}+` : seconds;
}
