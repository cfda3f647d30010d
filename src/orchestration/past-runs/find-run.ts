import { UsageError } from '../../domain/text/errors.js';
import { listRuns, type PastRun } from '../../storage/runs/history.js';
import type { Tx } from '../../storage/session/database.js';

/** The newest run, as people name it. */
const NEWEST = 'last';
const MOST_NAMED = 5;

/**
 * The run that people mean by "last", an id, or the beginning of one. Throws UsageError when there is none, or when
 * several begin so.
 */
export async function findRun(tx: Tx, text: string): Promise<PastRun> {
  const prefix = text.trim().toLowerCase();
  if (prefix === NEWEST) {
    const [newest] = await listRuns(tx, { limit: 1 });
    if (newest === undefined)
      throw new UsageError('there is no run yet: "barwright refresh --all" makes one');
    return newest;
  }
  if (!/^[0-9a-f-]{1,36}$/.test(prefix)) {
    throw new UsageError(`a run is "${NEWEST}", an id like 3fa85f64-… or its beginning, got "${text}"`);
  }
  const found = await listRuns(tx, { limit: MOST_NAMED + 1, prefix });
  const [run] = found;
  if (run === undefined) throw new UsageError(`no run begins with "${prefix}"; "barwright runs" lists them`);
  if (found.length > 1) {
    const named = found.slice(0, MOST_NAMED).map((each) => each.run);
    const more = found.length > MOST_NAMED ? ' and others' : '';
    throw new UsageError(
      `several runs begin with "${prefix}": ${named.join(', ')}${more}; type more of the id`,
    );
  }
  return run;
}

/** As much of a run's id as people need. */
export function shortRun(run: string): string {
  return run.slice(0, 8);
}
