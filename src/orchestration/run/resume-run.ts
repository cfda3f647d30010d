/** Continuing an earlier run: which one, what of it is undone, and what of the request its options decide. */
import { z } from 'zod';
import { COMPONENTS } from '../../domain/planning/outcome.js';
import { BAR_BUILDERS } from '../../domain/planning/plan.js';
import { EMA_FAMILIES } from '../../domain/planning/plan-emas.js';
import { INDICATOR_FAMILIES } from '../../domain/planning/plan-indicators.js';
import { UsageError } from '../../domain/text/errors.js';
import {
  listDoneAssets,
  listRuns,
  listStages,
  listUndoneAssets,
  type PastRun,
} from '../../storage/runs/history.js';
import type { Database, Tx } from '../../storage/session/database.js';
import { findRun, shortRun } from '../past-runs/find-run.js';
import type { RefreshRequest } from '../report/refresh-report.js';

/** A request that continues an earlier run. */
export interface PinnedRequest {
  request: RefreshRequest;
  resumes: string;
  /** Its as-of time, epoch microseconds. */
  asOfUs: number;
  /** Assets that it has rebuilt already: the state does not say that a rebuild is done. */
  exceptIds: readonly number[];
  /** For people: which run, and as of when. */
  words: string;
}

/** Runs that are looked at for one to continue. */
const MOST_RUNS = 500;

/** What a run was asked for, as far as it decides what is done: this may not be another in a run that continues it. */
const recorded = z.object({
  bars: z.boolean(),
  emas: z.boolean(),
  indicators: z.boolean().optional(),
  ids: z.array(z.int()).nullish(),
  source: z.string().nullish(),
  tfs: z.array(z.string()).nullish(),
  periods: z.array(z.int()).nullish(),
  combos: z.array(z.object({ tf: z.string(), period: z.int() })).nullish(),
  skipStaleCheck: z.boolean().optional(),
  stalenessHours: z.number().nullish(),
  fullRebuild: z.boolean().optional(),
  acceptDeletions: z.boolean().optional(),
  acceptProvisional: z.boolean().optional(),
  onlyBuilders: z.array(z.enum(BAR_BUILDERS)).nullish(),
  onlyFamilies: z.array(z.enum(EMA_FAMILIES)).nullish(),
  onlyIndicators: z.array(z.enum(INDICATOR_FAMILIES)).nullish(),
});
type Recorded = z.infer<typeof recorded>;

const FLAGS = {
  ids: '--ids',
  source: '--source',
  tfs: '--tfs',
  periods: '--periods',
  combos: '--tf-period-combos',
  skipStaleCheck: '--skip-stale-check',
  stalenessHours: '--staleness-hours',
  fullRebuild: '--full-rebuild',
  acceptDeletions: '--accept-deletions',
  acceptProvisional: '--accept-provisional',
  onlyBuilders: '--only',
  onlyFamilies: '--only',
  onlyIndicators: '--only',
} as const satisfies Partial<Record<keyof Recorded, string>>;
type PinnedOption = keyof typeof FLAGS;
const PINNED_OPTIONS = Object.keys(FLAGS) as PinnedOption[];
/** Options that leave series out. */
const SERIES_OPTIONS = [
  'tfs',
  'periods',
  'combos',
  'onlyBuilders',
  'onlyFamilies',
  'onlyIndicators',
] as const;

interface Candidate {
  run: PastRun;
  options: Recorded;
}

/**
 * Finds the run that `request.resume` means and pins the request to it; a sentence when there is nothing to continue.
 * A run whose row says "running" counts as unfinished: if it is alive, it holds the lease and this one is refused.
 * Throws UsageError when a run is named that is not there, or an option is typed that may not differ.
 */
export function pinRequest(database: Database, request: RefreshRequest): Promise<PinnedRequest | string> {
  return database.read(async (tx) =>
    request.resume?.kind === 'retry' ? pinRetry(tx, request, request.resume.run) : pinResume(tx, request),
  );
}

async function pinResume(tx: Tx, request: RefreshRequest): Promise<PinnedRequest | string> {
  const unsettled = listUnsettled(await listCandidates(tx));
  const found = unsettled.find(
    ({ options }) =>
      options.bars === request.bars &&
      options.emas === request.emas &&
      // Not typed: whether --all had them was the warehouse's to say.
      (request.indicators === undefined || (options.indicators ?? false) === request.indicators),
  );
  if (found === undefined) return 'nothing to resume: no run with this target was left unfinished';
  checkSameOptions(request, found);
  return pin(tx, { request, found, ids: found.options.ids ?? null });
}

async function pinRetry(
  tx: Tx,
  request: RefreshRequest,
  named: string | null,
): Promise<PinnedRequest | string> {
  if (named !== null) {
    const found = candidateOf(await findRun(tx, named));
    if (found === null)
      throw new UsageError(`what run ${named} was asked for is not recorded: refresh instead`);
    const ids = await readUndoneIds(tx, found);
    if (ids?.length === 0) return `nothing to retry: run ${shortRun(found.run.run)} left no asset undone`;
    return pin(tx, { request, found, ids });
  }
  for (const found of listUnsettled(await listCandidates(tx))) {
    const ids = await readUndoneIds(tx, found);
    if (ids?.length !== 0) return pin(tx, { request, found, ids });
  }
  return 'nothing to retry: no run has left an asset undone';
}

async function pin(
  tx: Tx,
  { request, found, ids }: { request: RefreshRequest; found: Candidate; ids: readonly number[] | null },
): Promise<PinnedRequest> {
  const { run, options } = found;
  const pinned = Object.fromEntries(PINNED_OPTIONS.map((name) => [name, options[name] ?? null]));
  const asOf = new Date(run.asOfUs / 1000).toISOString();
  return {
    request: {
      ...{ ...request, ...pinned, ids },
      ...{ bars: options.bars, emas: options.emas, indicators: options.indicators ?? false },
    },
    resumes: run.run,
    asOfUs: run.asOfUs,
    exceptIds: options.fullRebuild === true ? await listRebuiltIds(tx, found) : [],
    words: `continues run ${shortRun(run.run)} (${run.command}, ${formatEnd(run)}), prices as of ${asOf}`,
  };
}

function formatEnd({ status }: PastRun): string {
  return status === 'running' ? 'without an end' : status;
}

async function listCandidates(tx: Tx): Promise<Candidate[]> {
  return (await listRuns(tx, { limit: MOST_RUNS })).flatMap((run) => candidateOf(run) ?? []);
}

/** null: recorded by a version that wrote other options. */
function candidateOf(run: PastRun): Candidate | null {
  const options = recorded.safeParse(run.options);
  return options.success ? { run, options: options.data } : null;
}

/**
 * Of runs, newest first, those whose work no later run has done: not finished themselves, not resumed with success, and
 * with no later finished run over the same assets and series.
 */
function listUnsettled(runs: readonly Candidate[]): Candidate[] {
  const settled: Candidate[] = [];
  return runs.filter((each) => {
    // One that was refused asked for nothing that the run with the lease had not to do.
    const isDone = ['ok', 'skipped', 'refused'].includes(each.run.status);
    const isSettled =
      isDone || settled.some((later) => later.run.resumes === each.run.run || covers(later, each));
    if (isSettled && each.run.status !== 'refused') settled.push(each);
    return !isSettled;
  });
}

/** Whether a later run's work contains that of an earlier one. */
function covers({ options: later }: Candidate, { options: earlier }: Candidate): boolean {
  const isSame = (name: PinnedOption) => isEqual(later[name], earlier[name]);
  const hasIds = later.ids == null || earlier.ids?.every((id) => later.ids?.includes(id)) === true;
  return (
    COMPONENTS.every((component) => later[component] || !earlier[component]) &&
    hasIds &&
    isSame('source') &&
    (SERIES_OPTIONS.every((name) => later[name] == null) || SERIES_OPTIONS.every(isSame)) &&
    (later.fullRebuild === true || earlier.fullRebuild !== true) &&
    (later.acceptDeletions === true || earlier.acceptDeletions !== true) &&
    (later.acceptProvisional === true || earlier.acceptProvisional !== true)
  );
}

/** Failed and unfinished assets; null: all that the run was asked for, because one of its components never ended. */
async function readUndoneIds(tx: Tx, { run, options }: Candidate): Promise<readonly number[] | null> {
  const stages = await listStages(tx, run.run);
  const hasEnded = (component: string) =>
    stages.some((stage) => stage.component === component && stage.status !== 'not_run');
  if (!COMPONENTS.every((component) => !options[component] || hasEnded(component))) {
    return options.ids ?? null;
  }
  const failed = (await listUndoneAssets(tx, run.run)).filter(({ status }) => status === 'failed');
  return [...new Set(failed.map(({ id }) => id))].sort((a, b) => a - b);
}

async function listRebuiltIds(tx: Tx, { run, options }: Candidate): Promise<number[]> {
  const done = await listDoneAssets(tx, run.run);
  const keys = new Set(done.map(({ id, component }) => `${id} ${component}`));
  const asked = COMPONENTS.filter((component) => options[component]);
  return [...new Set(done.map(({ id }) => id))].filter((id) =>
    asked.every((component) => keys.has(`${id} ${component}`)),
  );
}

function checkSameOptions(request: RefreshRequest, { run, options }: Candidate): void {
  for (const name of PINNED_OPTIONS) {
    const typed = request[name];
    if (typed == null || typed === false || isEqual(typed, options[name])) continue;
    throw new UsageError(
      `--resume continues run ${shortRun(run.run)} and its options: ${FLAGS[name]} may not differ ` +
        `(it had ${formatOption(options[name])}); leave it out, or run without --resume`,
    );
  }
}

/** Whether two option values ask for the same; left out, null and false do. */
function isEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a) ?? null) === JSON.stringify(sorted(b) ?? null);
}

function sorted(value: unknown): unknown {
  if (value === false) return null;
  return Array.isArray(value) ? value.map((each) => JSON.stringify(each)).sort() : value;
}

function formatOption(value: Recorded[PinnedOption]): string {
  if (value == null || value === false) return 'none';
  return Array.isArray(value)
    ? value.map((each) => (typeof each === 'object' ? `${each.tf}:${each.period}` : each)).join(',')
    : String(value);
}
