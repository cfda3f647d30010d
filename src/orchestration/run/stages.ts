import { DEFAULT_GRACE } from '../../domain/calendar/lateness.js';
import {
  type AssetOutcome,
  type AssetPlan,
  COMPONENT_WORDS,
  type ComponentName,
  type DerivedName,
} from '../../domain/planning/outcome.js';
import { type BarPlan, includesDaily, planBars } from '../../domain/planning/plan.js';
import { NO_DAY_ACCEPTED, planEmas } from '../../domain/planning/plan-emas.js';
import { planIndicators } from '../../domain/planning/plan-indicators.js';
import { holdQuarantined } from '../../domain/planning/quarantine.js';
import { withoutGraces } from '../../domain/source/expectation.js';
import { DEFAULT_STALENESS_HOURS, type FreshnessResult } from '../../domain/validation/freshness.js';
import { readActiveSet } from '../../storage/indicators/read-set.js';
import { readLeaseDrained } from '../../storage/lease/lease.js';
import { readBarFacts } from '../../storage/planning/bar-facts.js';
import { readEmaFacts } from '../../storage/planning/ema-facts.js';
import { readIndicatorFacts } from '../../storage/planning/indicator-facts.js';
import { readFaults } from '../../storage/source/fault.js';
import { getFreshIds } from '../freshness/freshness.js';
import { type GateVerdict, judgeGate } from '../freshness/gate.js';
import { warnOfStaleBars } from '../freshness/stale-warning.js';
import { noteBarsBehind, noteProvisional } from '../lateness/note-waiting.js';
import { listLevelIds, readLateness } from '../lateness/read-lateness.js';
import type { ComponentRequest } from '../processes/component-request.js';
import { type ComponentResult, decidedOutcome, resultOf } from '../processes/component-result.js';
import { runBarBuilders, runEmaRefreshers, runIndicators } from '../processes/run-component.js';
import { noteCause } from '../report/causes-of-report.js';
import type { RunScope } from '../report/run-scope.js';
import { fileAfterWork } from './file-after-work.js';
import { fileProofs, proveSources } from './prove-sources.js';

/** Brings 1D bars and all timeframes of `ids` up to date. */
export async function runBarsStage(scope: RunScope, ids: readonly number[]): Promise<ComponentResult> {
  const isDaily = includesDaily(scope.request.onlyBuilders ?? null);
  if (isDaily) await proveSources(scope, ids);
  const plans = holdQuarantined(await readBarPlans(scope, ids), scope.quarantine.held.bars);
  noteProvisional(
    scope,
    plans.filter(({ isProvisional }) => isProvisional).map(({ id }) => id),
  );
  const result = await runPlans(scope, { component: 'bars', plans, decided: [] });
  const done = (result.outcomes ?? []).filter(({ status }) => status === 'ok').map(({ id }) => id);
  if (isDaily && !scope.signal.aborted && result.errorMessage === undefined)
    await fileAfterWork(scope.report, () => fileProofs(scope, done));
  return result;
}

/** Reads the facts of `ids`, each asset's in one snapshot, and plans their bars. */
export async function readBarPlans(
  scope: Pick<RunScope, 'database' | 'source' | 'request' | 'tfs'>,
  ids: readonly number[],
): Promise<BarPlan[]> {
  const { database, source, request, tfs } = scope;
  const options = {
    fullRebuild: request.fullRebuild ?? false,
    acceptDeletions: request.acceptDeletions ?? false,
  };
  const judged = includesDaily(request.onlyBuilders ?? null)
    ? await database.read((tx) => readFaults(tx, source, ids))
    : source;
  return planInPortions(ids, async (some) => {
    const scopeOf = { ids: some, source: judged, only: request.onlyBuilders ?? null, tfs };
    const facts = await database.read((tx) => readBarFacts(tx, scopeOf));
    return facts.map((fact) => planBars(fact, options));
  });
}

/** Assets whose facts are held at once. */
const PORTION = 500;

/** Memory must not grow with the number of assets: of each portion only what the plans say is kept. */
async function planInPortions<P>(
  ids: readonly number[],
  plan: (some: readonly number[]) => Promise<P[]>,
): Promise<P[]> {
  const plans: P[] = [];
  for (let from = 0; from < ids.length; from += PORTION)
    plans.push(...(await plan(ids.slice(from, from + PORTION))));
  return plans;
}

/** The component `component` over the assets that passed the gate. */
export async function runDerivedStage(
  scope: RunScope,
  component: DerivedName,
  gate: GateVerdict,
): Promise<ComponentResult> {
  for (const { id, reason } of gate.skipped)
    scope.listener.say(`[SKIPPED] Skipping ID ${id} ${COMPONENT_WORDS[component]} (${reason})`);
  const plans = holdQuarantined(
    await DERIVED_PLANS[component](scope, gate.passed),
    scope.quarantine.held[component],
  );
  if (component === 'indicators' && plans.some(({ isBlocked }) => isBlocked !== true)) {
    const { missing } = await scope.database.read(readActiveSet);
    scope.report.warnings.push(...missing.map(({ name, why }) => `indicators: ${name} is left out: ${why}`));
  }
  const empty = plans.filter(({ reason }) => reason === NO_DAY_ACCEPTED).map(({ id }) => id);
  const isFirst = scope.report.components.every((result) => result.component === 'bars');
  // All went well, and yet nothing will ever come of it: a column that is not filled, a unit that is wrong.
  if (empty.length > 0 && isFirst) {
    noteCause(scope.report, 'all_refused', {
      ids: empty,
      sentence: 'every source row is refused, so there are no bars',
      command: `barwright explain ${empty[0]}`,
    });
  }
  return runPlans(scope, { component, plans, decided: gate.skipped });
}

type PlanScope = Pick<RunScope, 'database' | 'request' | 'tfs'>;

/** Reads the facts of ids and plans what is made of their bars, by component. */
export const DERIVED_PLANS: Readonly<
  Record<DerivedName, (scope: PlanScope, ids: readonly number[]) => Promise<StagePlan[]>>
> = { emas: readEmaPlans, indicators: readIndicatorPlans };

/** Reads the facts of `ids`, each asset's in one snapshot, and plans their EMAs: what is to be done is the component's to find. */
async function readEmaPlans(scope: PlanScope, ids: readonly number[]): Promise<AssetPlan[]> {
  const { database, request, tfs } = scope;
  return planInPortions(ids, async (some) => {
    const scopeOf = { ids: some, only: request.onlyFamilies ?? null, tfs };
    const facts = await database.read((tx) => readEmaFacts(tx, scopeOf));
    return facts.map((fact) => {
      const { id, action, reason } = planEmas(fact, { fullRebuild: request.fullRebuild ?? false });
      return { id, action, reason };
    });
  });
}

/** The same of their indicators. */
async function readIndicatorPlans(scope: PlanScope, ids: readonly number[]): Promise<StagePlan[]> {
  const { database, request, tfs } = scope;
  const { set, missing } = await database.read(readActiveSet);
  const { identities } = set;
  return planInPortions(ids, async (some) => {
    const scopeOf = { ids: some, only: request.onlyIndicators ?? null, tfs, identities, missing };
    const facts = await database.read((tx) => readIndicatorFacts(tx, scopeOf));
    return facts.map((fact) => {
      const { tasks: _, ...plan } = planIndicators(fact, { fullRebuild: request.fullRebuild ?? false });
      return plan;
    });
  });
}

/** Whose bars are fresh enough to continue with. `bars` is the result of this run's bars, null if not asked for. */
export async function passGate(
  scope: RunScope,
  ids: readonly number[],
  bars: ComponentResult | null,
): Promise<GateVerdict> {
  const { request } = scope;
  let freshness: readonly FreshnessResult[] | null = null;
  let levelIds: ReadonlySet<number> = new Set();
  if (request.skipStaleCheck !== true) {
    levelIds = await readLevelIds(scope, ids);
    freshness = await checkFreshness(scope, ids, { levelIds, isWithBars: bars !== null });
  }
  const barOutcomes = bars === null ? null : new Map(bars.outcomes?.map((outcome) => [outcome.id, outcome]));
  const gate = judgeGate({ ids, barOutcomes, freshness, levelIds });
  if (bars === null) await noteBarsBehind(scope, gate.passed);
  return gate;
}

/** A limit in hours that was typed leaves no grace: then only those count as level that lack no expected day. */
export async function readLevelIds(
  { database, request, source }: Pick<RunScope, 'database' | 'request' | 'source'>,
  ids: readonly number[],
): Promise<Set<number>> {
  const grace = request.lateAfter ?? DEFAULT_GRACE;
  const isTyped = typeof request.stalenessHours === 'number';
  const { asOfUs, expectations } = source;
  const scope = {
    ...{ ids, source: null, asOfUs },
    grace: isTyped ? { ...grace, days: 0 } : grace,
    expectations: isTyped ? withoutGraces(expectations) : expectations,
  };
  const { assets } = await database.read((tx) => readLateness(tx, scope));
  return listLevelIds(assets);
}

/** Names whose bars are older than the limit. A limit that was not typed lets pass whom their calendar finds level. */
async function checkFreshness(
  { request, report, database, listener }: RunScope,
  ids: readonly number[],
  { levelIds, isWithBars }: { levelIds: ReadonlySet<number>; isWithBars: boolean },
): Promise<readonly FreshnessResult[]> {
  let found: readonly FreshnessResult[] = [];
  const onResults = (results: readonly FreshnessResult[]) => {
    found = results;
  };
  const hours = request.stalenessHours ?? DEFAULT_STALENESS_HOURS;
  const [, old] = await getFreshIds(database.url, ids, hours, { open: database, onResults });
  const isTypedInAll = isWithBars && typeof request.stalenessHours === 'number';
  const staleIds = isTypedInAll ? old : old.filter((id) => !levelIds.has(id));
  warnOfStaleBars((text, whole) => listener.say(text, whole), staleIds, { isWithBars });
  for (const { id, stalenessHours } of found) {
    if (stalenessHours !== null && stalenessHours < 0)
      report.warnings.push(`ID ${id}: newest price is dated in the future`);
  }
  return found;
}

/** A plan may be blocked: the asset must not be touched, and counts as failed. */
type StagePlan = AssetPlan & { isBlocked?: boolean };

interface Stage {
  component: ComponentName;
  plans: readonly StagePlan[];
  /** Outcomes that were decided before any work. */
  decided: readonly AssetOutcome[];
}

/** Starts a child for the assets that need work; without any there is no child. */
async function runPlans(scope: RunScope, stage: Stage): Promise<ComponentResult> {
  const startedMs = performance.now();
  const settled = stage.plans.filter(isSettled).map(settle);
  const ids = stage.plans.filter((plan) => !isSettled(plan)).map((plan) => plan.id);
  const before = [...stage.decided, ...settled];
  if (ids.length === 0) {
    const durationMs = performance.now() - startedMs;
    return resultOf({ component: stage.component, durationMs, returnCode: 0, error: null, outcomes: before });
  }
  const run = RUNNERS[stage.component];
  const asked = requestOf(scope, stage.component, ids);
  const result = await run(scope.request.distribute ? await distributed(scope, asked) : asked);
  return resultOf({
    component: stage.component,
    durationMs: performance.now() - startedMs,
    returnCode: result.returnCode,
    error: result.errorMessage ?? null,
    outcomes: [...before, ...(result.outcomes ?? [])],
  });
}

function isSettled({ action }: StagePlan): boolean {
  return action === 'none' || action === 'skip';
}

function settle({ id, action, reason, isBlocked }: StagePlan): AssetOutcome {
  const status = isBlocked ? 'failed' : action === 'skip' ? 'skipped' : 'ok';
  return decidedOutcome(id, status, { action, reason });
}

const RUNNERS = { bars: runBarBuilders, emas: runEmaRefreshers, indicators: runIndicators } as const;

/** What `--only` names of a component; null = all. */
function onlyOf(request: RunScope['request'], component: ComponentName): readonly string[] | null {
  const { onlyBuilders = null, onlyFamilies = null, onlyIndicators = null } = request;
  return { bars: onlyBuilders, emas: onlyFamilies, indicators: onlyIndicators }[component];
}

function requestOf(scope: RunScope, component: ComponentName, ids: readonly number[]): ComponentRequest {
  const { request, report, database, lease, listener, signal } = scope;
  return {
    ids,
    context: {
      dbUrl: database.url,
      schema: database.schema,
      source: request.source ?? null,
      lease,
      asOfUs: scope.source.asOfUs,
    },
    verbose: request.verbose ?? false,
    continueOnError: request.continueOnError ?? false,
    fullRebuild: request.fullRebuild ?? false,
    acceptDeletions: request.acceptDeletions ?? false,
    acceptProvisional: request.acceptProvisional ?? false,
    tfs: scope.tfs,
    only: onlyOf(request, component),
    ...(request.numProcesses !== undefined && { numProcesses: request.numProcesses }),
    timeoutSec: request.timeoutSec ?? null,
    beforeReplacing: () => readLeaseDrained(database, lease),
    onEvent: (event) => {
      if (event.type === 'message' && event.level === 'warning')
        report.warnings.push(`${component}: ${event.text}`);
      listener.event(component, event);
    },
    signal,
  };
}

/** The same work, to be done by workers anywhere. The queue's library is loaded by that only. */
async function distributed(
  { request, report, database, lease }: RunScope,
  asked: ComponentRequest,
): Promise<ComponentRequest> {
  const { DEFAULT_WORKER_WAIT_SEC, handOut } = await import('../distributed/queue-tasks.js');
  const workerWaitSec = request.workerWaitSec ?? DEFAULT_WORKER_WAIT_SEC;
  return { ...asked, start: handOut({ database, run: report.run as string, lease, workerWaitSec }) };
}
