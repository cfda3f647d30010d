/** What a run files once its components are done: proofs, lateness, findings. */
import { isLeaseLost } from '../../storage/failures/failures.js';
import type { RefreshReport } from '../report/refresh-report.js';

const LEFT =
  'the lease was lost after the work: proofs, lateness and findings are left to the run that took it over';

/**
 * Does `work`. A run that has lost its lease by then leaves it to the run that has the lease, with one warning: what the
 * components committed stays done. Throws what else fails.
 */
export async function fileAfterWork(
  { warnings }: Pick<RefreshReport, 'warnings'>,
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isLeaseLost(error)) throw error;
    if (!warnings.includes(LEFT)) warnings.push(LEFT);
  }
}
