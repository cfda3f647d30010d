import { DEFAULT_GRACE, type Grace } from '../../domain/calendar/lateness.js';
import { type AssetPlan, COMPONENTS } from '../../domain/planning/outcome.js';
import { planBars } from '../../domain/planning/plan.js';
import { planEmas } from '../../domain/planning/plan-emas.js';
import { planIndicators } from '../../domain/planning/plan-indicators.js';
import { holdQuarantined } from '../../domain/planning/quarantine.js';
import { UsageError } from '../../domain/text/errors.js';
import { DEFAULT_STALENESS_HOURS } from '../../domain/validation/freshness.js';
import { findIsPricesOurs } from '../../storage/assets/purge.js';
import { findIndicatorWork } from '../../storage/indicators/dimension.js';
import { readActiveSet } from '../../storage/indicators/read-set.js';
import { readBarFacts } from '../../storage/planning/bar-facts.js';
import { readEmaFacts } from '../../storage/planning/ema-facts.js';
import { readIndicatorFacts } from '../../storage/planning/indicator-facts.js';
import { listKept } from '../../storage/prices/kept-days.js';
import { readExplanation, type StoredExplanation } from '../../storage/reading/explain.js';
import type { Database, Tx } from '../../storage/session/database.js';
import { readFaults } from '../../storage/source/fault.js';
import { DEFAULT_SOURCE, readSource } from '../../storage/source/source.js';
import { readLateness } from '../lateness/read-lateness.js';
import { readQuarantine } from '../selection/quarantine.js';
import { judgeExplanation, type RemedyFlags } from './explain.js';
import type { Explanation } from './explanation.js';
import { readSplitStandings } from './list-splits.js';

export interface ExplainScope {
  id: number;
  source: string | null;
  stalenessHours: number | null;
  lateAfter?: Grace | undefined;
  flags: RemedyFlags;
}

/** Explains one asset, everything read in one snapshot. Throws UsageError for an unknown id. */
export async function explainAsset(database: Database, scope: ExplainScope): Promise<Explanation> {
  const { id, flags } = scope;
  return database.read(async (tx) => {
    const source = await readSource(tx, scope.source);
    const facts = await readExplanation(tx, { id, source });
    if (!isKnown(facts)) {
      throw new UsageError(
        `no such asset: ${id} is neither in dim_assets nor in ${facts.source.label}; "barwright asset list" shows what is`,
      );
    }
    const options = { fullRebuild: false };
    const judged = await readFaults(tx, source, [id]);
    const [barFacts] = await readBarFacts(tx, { ids: [id], source: judged, only: null });
    const [emaFacts] = await readEmaFacts(tx, { ids: [id], only: null });
    if (barFacts === undefined || emaFacts === undefined) throw new Error(`no facts came for id ${id}`);
    const { held } = await readQuarantine(tx, { source, named: null, ids: [id] });
    const [bars] = holdQuarantined([planBars(barFacts, options)], held.bars);
    const [emas] = holdQuarantined([planEmas(emaFacts, options)], held.emas);
    const [indicators = null] = holdQuarantined(await planIndicatorsOf(tx, id), held.indicators);
    const grace = scope.lateAfter ?? DEFAULT_GRACE;
    const lateness = await readLateness(tx, { ids: [id], grace, source });
    if (bars === undefined || emas === undefined) throw new Error(`no plan came for id ${id}`);
    return judgeExplanation({
      id,
      facts,
      splits: (await readSplitStandings(tx, [id])).get(id) ?? [],
      kept: await listKept(tx, [id]),
      bars,
      emas,
      indicators,
      held: new Set(COMPONENTS.filter((component) => held[component].has(id))),
      lateness: lateness.assets[0] ?? null,
      maxStalenessHours: scope.stalenessHours ?? DEFAULT_STALENESS_HOURS,
      isLimitTyped: scope.stalenessHours !== null,
      isIngestable:
        source.parts.some(
          ({ schema, name, label }) =>
            schema === database.schema && name === DEFAULT_SOURCE && label === barFacts.source?.relation,
        ) && (await findIsPricesOurs(tx)),
      flags,
    });
  });
}

/** The plan of an asset's indicators; nothing where the warehouse has none. */
async function planIndicatorsOf(tx: Tx, id: number): Promise<(AssetPlan & { isBlocked?: boolean })[]> {
  if (!(await findIndicatorWork(tx))) return [];
  try {
    const { set, missing } = await readActiveSet(tx);
    const scope = { ids: [id], only: null, identities: set.identities, missing };
    const facts = await readIndicatorFacts(tx, scope);
    return facts.map((fact) => planIndicators(fact, { fullRebuild: false }));
  } catch (error) {
    // A name that is none stops runs, not the story of an asset.
    if (!(error instanceof UsageError)) throw error;
    return [{ id, action: 'skip', reason: error.message }];
  }
}

function isKnown({ asset, source, daily }: StoredExplanation): boolean {
  return asset !== null || daily !== null || source.rows > 0 || source.futureRows > 0;
}
