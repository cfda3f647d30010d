/** barwright as a library: the daily refresh, freshness, and what they return. The pure market part is `barwright/domain`. */
export type { Cause } from './domain/causes/cause.js';
export type { CauseKind, Severity } from './domain/causes/kinds.js';
export { UsageError } from './domain/errors.js';
export type { FreshnessReason, FreshnessResult } from './domain/freshness.js';
export type { AssetOutcome, AssetPlan, ComponentEvent, ComponentName } from './domain/outcome.js';
export type { ComponentResult } from './orchestration/component-result.js';
export { planRefresh } from './orchestration/dry-run.js';
export { checkBarFreshness, getFreshIds } from './orchestration/freshness.js';
export type { PlannedAsset, RefreshReport, RefreshRequest } from './orchestration/refresh-report.js';
export { runBarBuilders, runEmaRefreshers } from './orchestration/run-component.js';
export { refreshDaily } from './orchestration/run-daily-refresh.js';
export type { RunListener } from './orchestration/run-scope.js';
export { formatSummary, printCombinedSummary } from './orchestration/summary.js';
export { parseIds, resolveDbUrl } from './scripts/refresh-utils.js';
