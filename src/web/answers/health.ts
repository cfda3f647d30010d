/** The health of each asset, from what the freshness grid has found. */
import { healthOf } from '../../domain/validation/asset-health.js';
import { TABLE_STATUSES, type TableStatus } from '../../domain/validation/table-freshness.js';
import type { FreshnessResponse, HealthListResponse } from '../api/api-freshness-types.js';

type Cells = FreshnessResponse['cells'];

function statusesOf(cells: Cells, index: number): TableStatus[] {
  return Object.values(cells).map(({ status }) => TABLE_STATUSES[status[index] ?? 0] ?? 'never_built');
}

/** The columns `health` and `findings` of the grid's assets; `counts` has open findings by id. */
export function healthColumns(
  ids: readonly number[],
  cells: Cells,
  counts: ReadonlyMap<number, number>,
): Pick<FreshnessResponse['assets'], 'health' | 'findings'> {
  const findings = ids.map((id) => counts.get(id) ?? 0);
  return {
    health: ids.map((_, index) => healthOf(statusesOf(cells, index), findings[index] ?? 0)),
    findings,
  };
}

/** The health of all assets alone, with why it is not good. */
export function healthListOf({ assets, cells }: FreshnessResponse): HealthListResponse {
  return {
    version: 1,
    id: assets.id,
    health: assets.health,
    why: assets.id.map((_, index) => whyOf(statusesOf(cells, index), assets.findings[index] ?? 0)),
  };
}

/** "failed, stale, 2 implausible days"; '' when all is well. */
function whyOf(statuses: readonly TableStatus[], findings: number): string {
  const found = TABLE_STATUSES.filter((status) => status !== 'fresh' && statuses.includes(status));
  const words = found.toReversed().map((status) => status.replace('_', ' '));
  const days = findings === 0 ? [] : [`${findings} implausible ${findings === 1 ? 'day' : 'days'}`];
  return [...words, ...days].join(', ');
}
