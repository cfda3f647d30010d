/** barwright as a library: the daily refresh, freshness, and what they return. The pure market part is `barwright/domain`. */
export type { Cause } from './domain/causes/cause.js';
export type { CauseKind, Severity } from './domain/causes/kinds.js';
export type { AssetOutcome, AssetPlan, ComponentEvent, ComponentName } from './domain/planning/outcome.js';
export { UsageError } from './domain/text/errors.js';
export type { FreshnessReason, FreshnessResult } from './domain/validation/freshness.js';
export { checkBarFreshness, getFreshIds } from './orchestration/freshness/freshness.js';
export type { ComponentResult } from './orchestration/processes/component-result.js';
export { runBarBuilders, runEmaRefreshers } from './orchestration/processes/run-component.js';
export type { PlannedAsset, RefreshReport, RefreshRequest } from './orchestration/report/refresh-report.js';
export type { RunListener } from './orchestration/report/run-scope.js';
export { formatSummary, printCombinedSummary } from './orchestration/report/summary.js';
export { planRefresh } from './orchestration/run/dry-run.js';
export { refreshDaily } from './orchestration/run/run-daily-refresh.js';
export { parseIds, resolveDbUrl } from './scripts/refresh-utils.js';
