/** The 1D state of an asset, restored from its 1D bars, its rejects and the source. */
import { dayOfUs } from '../../domain/calendar/day.js';
import type { DailyState } from '../../domain/prices/daily-state.js';
import { JUDGING_VERSION } from '../../domain/prices/price.js';
import { otherHash } from '../../domain/source/fingerprint.js';
import { upsertDailyFacts, writeNote } from '../../storage/bars/restore-daily-states.js';
import { compareRows } from '../../storage/copy/differences.js';
import { findOwner } from '../../storage/prices/extents.js';
import type { Tx } from '../../storage/session/database.js';
import type { Source } from '../../storage/source/source.js';
import { type DailyFacts, factsOf } from '../expected/daily-facts.js';
import { SHAPES, type StoredAsset } from '../expected/stored-asset.js';
import { storedCell } from '../expected/stored-cells.js';
import { type JudgedSource, judgeSource } from '../writing/judge-source.js';

export interface RestoredDailyState {
  isRestored: boolean;
  /** The 1D bars or rejects are not what the source makes: the next run compares and repairs them. */
  isSourceOther: boolean;
}

/**
 * Restores the state where it is missing or wrong. Where 1D bars and rejects are exactly what the source makes of its
 * rows up to the watermark, the fingerprint of those rows belongs to them. Otherwise it is made one that they
 * cannot have, and where changes are noted a note is filed: either way the next run compares everything.
 */
export async function restoreDailyState(
  tx: Tx,
  stored: StoredAsset,
  { source, isDryRun }: { source: Source; isDryRun: boolean },
): Promise<RestoredDailyState> {
  const facts = factsOf(stored);
  if (facts === null || facts.lastSrcUs === null) return { isRestored: false, isSourceOther: false };
  const { id, dailyState } = stored;
  const judged = await judgeSource(tx, source, {
    id,
    upToUs: facts.lastSrcUs,
    storedHash: dailyState?.srcHash ?? null,
  });
  const isSourceOther = differs(stored, judged);
  const isRight = dailyState !== null && hasFacts(dailyState, facts);
  if (isSourceOther && isRight) return { isRestored: false, isSourceOther };
  const print = fingerprintOf(stored, judged, isSourceOther);
  if (isRight && hasFacts(dailyState, print)) return { isRestored: false, isSourceOther };
  if (!isDryRun) {
    await upsertDailyFacts(tx, id, { ...facts, ...print });
    const { part } = await findOwner(tx, source, id);
    if (isSourceOther && part.isTracked) {
      await writeNote(tx, id, {
        fromDay: dayOfUs(facts.dailyMinSeenUs ?? facts.lastSrcUs),
        toDay: dayOfUs(facts.lastSrcUs),
        rows: print.srcRows,
      });
    }
  }
  return { isRestored: true, isSourceOther };
}

function differs(stored: StoredAsset, { judged }: JudgedSource): boolean {
  const { id } = stored;
  const bars = judged.bars.map((bar) => ({ id, bar }));
  const rejects = judged.rejects.map((reject) => ({ id, reject }));
  return (
    compareRows(SHAPES.daily, stored.daily.rows, bars).length > 0 ||
    compareRows(SHAPES.rejects, stored.rejects.rows, rejects).length > 0
  );
}

function hasFacts(state: DailyState, facts: Partial<DailyState>): boolean {
  return (Object.keys(facts) as (keyof DailyState)[]).every((field) => state[field] === facts[field]);
}

/** Each source row that was read is a 1D bar or a reject: so many there were. */
function fingerprintOf(
  stored: StoredAsset,
  { state }: JudgedSource,
  isSourceOther: boolean,
): Omit<DailyState, keyof DailyFacts> {
  const { srcRows, srcHash, source, splits, rules } = state ?? {
    srcRows: 0,
    srcHash: '0',
    source: null,
    splits: '',
    rules: JUDGING_VERSION,
  };
  if (!isSourceOther) return { srcRows, srcHash, source, splits, rules };
  return { srcRows: countTimes(stored), srcHash: otherHash(srcHash), source, splits, rules };
}

function countTimes({ daily, rejects }: StoredAsset): number {
  const times = [
    ...[...daily.rows.values()].map((bytes) => storedCell(SHAPES.daily, bytes, 'timestamp')),
    ...[...rejects.rows.values()].map((bytes) => storedCell(SHAPES.rejects, bytes, 'timestamp')),
  ];
  return new Set(times).size;
}
