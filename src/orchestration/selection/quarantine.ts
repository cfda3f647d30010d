/** Who is skipped in this run for having failed in so many before it, and who from now on. */

import { COMPONENTS, type ComponentName } from '../../domain/planning/outcome.js';
import {
  type Held,
  judgeRelease,
  QUARANTINE_RUNS,
  quarantineReason,
  type Release,
} from '../../domain/planning/quarantine.js';
import { formatSplits } from '../../domain/prices/split.js';
import { NO_ROWS } from '../../domain/source/fingerprint.js';
import { readSplits } from '../../storage/assets/splits.js';
import {
  deleteQuarantine,
  listQuarantine,
  readSourceMarks,
  type SourceMark,
  type SourceNow,
  upsertQuarantine,
} from '../../storage/planning/quarantine.js';
import type { Database, Tx } from '../../storage/session/database.js';
import type { Source } from '../../storage/source/source.js';
import type { ComponentResult } from '../processes/component-result.js';

/** An asset that is skipped, from this run on where `isNew`. */
export interface QuarantinedAsset {
  id: number;
  component: ComponentName;
  reason: string;
  isNew: boolean;
}

export interface Quarantine {
  held: Held;
  released: { id: number; component: ComponentName; why: Release }[];
  /** What the source holds of those who are about to be quarantined, as it was before they are tried. */
  marks: ReadonlyMap<number, SourceMark>;
}

interface QuarantineScope {
  source: Source;
  /** Ids that were typed; null: "all". */
  named: readonly number[] | null;
  /** Only entries of these; left out: all. */
  ids?: readonly number[];
}

/** Reads who is quarantined and judges who is released. Writes nothing. */
export async function readQuarantine(tx: Tx, scope: QuarantineScope): Promise<Quarantine> {
  const { named } = scope;
  const entries = await listQuarantine(tx, scope.ids ?? null);
  // An asset that fails once more is quarantined, or is already: only of these the source is looked at.
  const close = entries.filter(({ failures }) => failures >= QUARANTINE_RUNS - 1);
  const held = {
    bars: new Map<number, string>(),
    emas: new Map<number, string>(),
    indicators: new Map<number, string>(),
  };
  const released: Quarantine['released'] = [];
  const marks = new Map<number, SourceMark>();
  const ids = close.map(({ id }) => id);
  const splits = ids.length === 0 ? null : await readSplits(tx, ids);
  for (const component of COMPONENTS) {
    const ofIt = close.filter((entry) => entry.component === component);
    const { found: sources, unreadable } = await readSourceMarks(
      tx,
      scope.source,
      ofIt.map(({ id, mark }) => ({ id, upToUs: mark?.newestUs ?? null })),
    );
    for (const entry of ofIt) {
      // What cannot be read is blocked by that, and is no sign of a change.
      if (unreadable.has(entry.id)) {
        if (entry.quarantinedUs !== null) held[component].set(entry.id, quarantineReason(entry));
        continue;
      }
      const source = sources.get(entry.id) ?? NOTHING;
      const recorded = formatSplits(splits?.get(entry.id) ?? []);
      marks.set(entry.id, { ...source.now, splits: recorded });
      if (entry.quarantinedUs === null) continue;
      const why = judgeRelease({
        isNamed: named?.includes(entry.id) ?? false,
        before: entry.mark,
        after: { ...source.upToMark, splits: recorded },
      });
      if (why === null) held[component].set(entry.id, quarantineReason(entry));
      else released.push({ id: entry.id, component, why });
    }
  }
  return { held, released, marks };
}

const NOTHING: SourceNow = {
  now: { newestUs: null, rows: 0, hash: '0' },
  upToMark: NO_ROWS,
};

/** Reads the quarantine at the beginning of a run and takes those out of it that are released. */
export async function openQuarantine(database: Database, scope: QuarantineScope): Promise<Quarantine> {
  const quarantine = await database.read((tx) => readQuarantine(tx, scope));
  if (quarantine.released.length > 0)
    await database.repeatable((tx) => deleteQuarantine(tx, quarantine.released));
  return quarantine;
}

/**
 * Counts the failures and successes of a run; returns who was skipped in it or is from now on. Only failures by an
 * asset's own fault count: not a lost database, a killed child, an interrupt, nor an asset that is blocked.
 */
export async function closeQuarantine(
  database: Database,
  { run, marks }: { run: string; marks: Quarantine['marks'] },
  components: readonly ComponentResult[],
): Promise<QuarantinedAsset[]> {
  const outcomes = components.flatMap((result) =>
    (result.outcomes ?? []).map((outcome) => ({ ...outcome, component: result.component as ComponentName })),
  );
  const failures = outcomes
    .filter(({ status, fault }) => status === 'failed' && fault?.isOwn)
    .map(({ id, component, reason }) => ({ id, component, reason, mark: marks.get(id) ?? null }));
  const succeeded = outcomes.filter(({ status, action }) => status === 'ok' && action !== 'none');
  const isAnybodyThere = await database.read(async (tx) => (await listQuarantine(tx, null)).length > 0);
  if (failures.length === 0 && !isAnybodyThere) return [];
  const entered = await database.repeatable(async (tx) => {
    await deleteQuarantine(tx, succeeded);
    return upsertQuarantine(tx, failures, { run, limit: QUARANTINE_RUNS });
  });
  return entered.flatMap(({ id, component }) => {
    const reason = failures.find((each) => each.id === id && each.component === component)?.reason;
    return reason === undefined ? [] : [{ id, component, reason, isNew: true }];
  });
}

/** Those of a component that are skipped in this run. */
export function listHeld(held: Held, component: ComponentName, ids: readonly number[]): QuarantinedAsset[] {
  return ids.flatMap((id) => {
    const reason = held[component].get(id);
    return reason === undefined ? [] : [{ id, component, reason, isNew: false }];
  });
}
