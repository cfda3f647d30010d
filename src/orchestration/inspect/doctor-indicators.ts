/** What `doctor` says of indicators: files of the user's own, and whether every active one can be computed. */
import { readActiveSet } from '../../storage/indicators/read-set.js';
import { loadOwnFiles } from '../../storage/own-indicators/modules.js';
import type { Database } from '../../storage/session/database.js';

interface Found {
  status: 'ok' | 'failed';
  message: string;
}

const FILES = '"indicators" in barwright.config.json';

/** Loads the files as a run does; without any there is nothing to be said. */
export function checkIndicatorFiles(): Found[] {
  return loadOwnFiles().map(({ path, kind, why }) =>
    kind === null
      ? {
          status: 'failed',
          message: `${path} cannot be used: ${why}; repair it, or take it out of ${FILES}`,
        }
      : { status: 'ok', message: `${path} defines "${kind.name}"` },
  );
}

/** Looks for a definition of each active indicator. Throws UsageError where a name is none. */
export async function checkActiveIndicators(database: Database): Promise<Found[]> {
  const { set, missing } = await database.read(readActiveSet);
  const found = missing.map(
    ({ name, why }): Found => ({
      status: 'failed',
      message: `${name} is active and cannot be computed: ${why}; "barwright indicator remove ${name}" takes it out`,
    }),
  );
  const { length } = set.indicators;
  if (length > 0) found.unshift({ status: 'ok', message: `active and known: ${length}` });
  return found;
}
