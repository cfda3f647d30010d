import {
  type AssetOutcome,
  type AssetPlan,
  COMPONENTS,
  type ComponentName,
  componentsOf,
  DERIVED,
  type DerivedName,
} from '../../domain/planning/outcome.js';
import { BAR_BUILDERS, type BarPlan } from '../../domain/planning/plan.js';
import { EMA_FAMILIES } from '../../domain/planning/plan-emas.js';
import { type Held, holdQuarantined } from '../../domain/planning/quarantine.js';
import { formatIds } from '../../domain/text/ids.js';
import { findConnection } from '../../storage/embedded/connection.js';
import { checkSchema } from '../../storage/schema/migrate.js';
import { type Database, openDatabase } from '../../storage/session/database.js';
import { hidePassword } from '../../storage/settings/secrets.js';
import { readSource, type Source } from '../../storage/source/source.js';
import { assessAssets } from '../freshness/freshness.js';
import { judgeGate } from '../freshness/gate.js';
import { decidedOutcome } from '../processes/component-result.js';
import type { PlannedAsset, RefreshReport, RefreshRequest } from '../report/refresh-report.js';
import type { RunListener } from '../report/run-scope.js';
import { readQuarantine } from '../selection/quarantine.js';
import { settleIndicators } from '../selection/select-components.js';
import { selectIds } from '../selection/select-ids.js';
import { selectTimeframes } from '../selection/select-series.js';
import { withIndicatorFiles } from './own-files.js';
import { DERIVED_PLANS, readBarPlans, readLevelIds } from './stages.js';

/**
 * Says what a run would do and puts it into `report.plan`. Writes nothing, starts nothing, never fails:
 * what cannot be looked up is said in one line.
 */
export async function planDryRun(
  request: RefreshRequest,
  report: RefreshReport,
  listener: RunListener,
): Promise<void> {
  const ids = formatIds(request.ids ?? null);
  if (request.bars) listener.say(`[DRY RUN] bars: run-all-bar-builders --ids ${ids}`);
  if (request.emas) listener.say(`[DRY RUN] emas: run-all-ema-refreshes --ids ${ids}`);
  const sayIndicators = () => listener.say(`[DRY RUN] indicators: barwright indicators --ids ${ids}`);
  if (request.indicators) sayIndicators();
  try {
    const connection = await findConnection({ ...request, mayStart: false });
    report.database = hidePassword(connection.url);
    for (const warning of connection.warnings) listener.say(`[WARNING] ${warning}`);
    const database = openDatabase(connection.url, { schema: report.schema, connectTimeoutMs: 5_000 });
    try {
      await checkSchema(database);
      report.plan = await planPinned(database, request, listener);
      if (request.indicators !== true && report.plan.some(({ component }) => component === 'indicators'))
        sayIndicators();
    } finally {
      await database.close();
    }
  } catch (error) {
    const why = hidePassword(
      error instanceof Error ? error.message || String((error as NodeJS.ErrnoException).code) : String(error),
    );
    report.warnings.push(`freshness not checked: ${why}`);
    return;
  }
  for (const line of formatPlan(report.plan, request)) listener.say(line);
}

/** A plan of a run that continues another is made with that one's options and as of its time. */
async function planPinned(
  database: Database,
  request: RefreshRequest,
  listener: RunListener,
): Promise<PlannedAsset[]> {
  const pinned = request.resume
    ? await (await import('./resume-run.js')).pinRequest(database, request)
    : null;
  if (pinned === null) return planAssets(database, request);
  if (typeof pinned === 'string') {
    listener.say(`[DRY RUN] ${pinned}`);
    return [];
  }
  listener.say(`[DRY RUN] ${pinned.words}`);
  return planAssets(database, pinned.request, pinned);
}

/** The same on an open database of which the schema is known to be right. */
export async function planAssets(
  database: Database,
  asked: RefreshRequest,
  { asOfUs = null, exceptIds = [] }: { asOfUs?: number | null; exceptIds?: readonly number[] } = {},
): Promise<PlannedAsset[]> {
  const request = { ...asked };
  await settleIndicators(database, request);
  const { source, held } = await database.read(async (tx) => {
    const acceptProvisional = request.acceptProvisional ?? false;
    const source = { ...(await readSource(tx, request.source ?? null)), asOfUs, acceptProvisional };
    return { source, held: (await readQuarantine(tx, { source, named: request.ids ?? null })).held };
  });
  const { ids: selected, refused } = await selectIds(database, request.ids ?? null, { source });
  const ids = selected.filter((id) => !exceptIds.includes(id));
  const tfs = await selectTimeframes(database, request);
  const scope = { database, source, request, tfs, held };
  const [first = 'bars'] = componentsOf(request);
  const plan: PlannedAsset[] = refused.map(({ id, reason }) => ({
    component: first,
    id,
    action: 'skip',
    reason,
    fails: true,
  }));
  const bars = request.bars ? holdQuarantined(await readBarPlans(scope, ids), held.bars) : null;
  for (const asset of bars ?? []) plan.push(planOf('bars', asset));
  const derived = DERIVED.filter((component) => request[component] === true);
  if (derived.length > 0) plan.push(...(await planDerivedAssets(scope, derived, { ids, bars })));
  return plan;
}

interface PlanScope {
  database: Database;
  source: Source;
  request: RefreshRequest;
  tfs: readonly string[] | null;
  held: Held;
}

interface DerivedWork {
  ids: readonly number[];
  /** null: the run has no bars in it. */
  bars: readonly BarPlan[] | null;
}

/** With bars in the same run, what is made of the bars of an asset that has work in them follows; the others are known already. */
async function planDerivedAssets(
  scope: PlanScope,
  components: readonly DerivedName[],
  { ids, bars: barPlans }: DerivedWork,
): Promise<PlannedAsset[]> {
  const { database, request } = scope;
  const bars = barPlans === null ? null : new Map(barPlans.map((plan) => [plan.id, plan]));
  const settled = [...(bars?.values() ?? [])].flatMap((plan) => settledOutcome(plan) ?? []);
  const barOutcomes = bars === null ? null : new Map(settled.map((outcome) => [outcome.id, outcome]));
  const freshness = request.skipStaleCheck
    ? null
    : await assessAssets(database, ids, request.stalenessHours ?? undefined);
  const gate = judgeGate({
    ids: barOutcomes === null ? ids : ids.filter((id) => barOutcomes.has(id)),
    barOutcomes,
    freshness: bars === null ? freshness : null,
    levelIds: freshness === null ? new Set() : await readLevelIds(scope, ids),
  });
  const skipped = new Map(gate.skipped.map((outcome) => [outcome.id, outcome.reason]));
  const plan: PlannedAsset[] = [];
  for (const component of components) {
    const plans = holdQuarantined(await DERIVED_PLANS[component](scope, gate.passed), scope.held[component]);
    const planned = new Map(plans.map((each) => [each.id, each]));
    for (const id of ids) {
      const reason = skipped.get(id);
      const known = planned.get(id);
      if (reason !== undefined) plan.push({ component, id, action: 'skip', reason });
      else if (known !== undefined) plan.push(planOf(component, known));
      else
        plan.push({
          ...{ component, id },
          action: bars?.get(id)?.action ?? 'append',
          reason: 'follows its bars',
        });
    }
  }
  return plan;
}

/** Of a plan only what people see: the rest is for the component. */
function planOf(
  component: ComponentName,
  { id, action, reason, isBlocked }: AssetPlan & { isBlocked?: boolean },
): PlannedAsset {
  return { component, id, action, reason, ...(isBlocked && { fails: true }) };
}

/** What bars that have no work would come to; null: their outcome shows only when they have run. */
function settledOutcome({ id, action, reason, isBlocked }: BarPlan): AssetOutcome | null {
  if (action !== 'none' && action !== 'skip') return null;
  return decidedOutcome(id, isBlocked ? 'failed' : action === 'skip' ? 'skipped' : 'ok', { action, reason });
}

function formatPlan(
  plan: readonly PlannedAsset[],
  { onlyBuilders, onlyFamilies, onlyIndicators }: RefreshRequest,
): string[] {
  if (plan.length === 0) return ['[DRY RUN] no assets: nothing to do'];
  const builders = {
    bars: onlyBuilders ?? BAR_BUILDERS,
    emas: onlyFamilies ?? EMA_FAMILIES,
    indicators: onlyIndicators ?? ['multi_tf', 'cal', 'cal_anchor'],
  };
  const lines: string[] = [];
  for (const component of COMPONENTS) {
    const assets = plan.filter((asset) => asset.component === component);
    if (assets.length === 0) continue;
    lines.push(`[DRY RUN] ${component}: ${builders[component].join(', ')}`);
    for (const { id, action, reason, fails } of assets) {
      const would = fails ? 'would fail: ' : action === 'skip' ? 'would skip: ' : '';
      lines.push(`[DRY RUN] ${component} ${id}: ${would}${reason}`);
    }
  }
  return lines;
}

/**
 * The plan of a refresh, without doing it: what would happen to every asset, and why.
 * Throws when the database cannot be reached or has no schema (a dry run only says so).
 */
export async function planRefresh(request: RefreshRequest): Promise<PlannedAsset[]> {
  const connection = await findConnection({ ...request, mayStart: false });
  const database = openDatabase(connection.url, { schema: request.schema ?? 'public' });
  try {
    await checkSchema(database);
    return await withIndicatorFiles(request.indicatorFiles, () => planAssets(database, request));
  } finally {
    await database.close();
  }
}
