/** An asset that fails every time is left alone until there is a reason to think that it would not. */

import { isSameRows, type SeenRows, type SourceRows } from '../source/fingerprint.js';
import type { Action, ComponentName } from './outcome.js';

/** Runs in a row in which an asset is tried and fails before it is quarantined. */
export const QUARANTINE_RUNS = 5;

export const RELEASES = ['named in --ids', 'its source has changed', 'its splits have changed'] as const;
export type Release = (typeof RELEASES)[number];

/** What decides about one quarantined asset. */
export interface QuarantineFacts {
  isNamed: boolean;
  /** Its source rows and recorded splits when it failed; null: not known. */
  before: (SourceRows & { splits: string }) | null;
  /** The rows of the same days, and the splits, as they are now. */
  after: SeenRows & { splits: string };
}

/** Why a quarantined asset is tried again; null: it stays. New days do not repair an old one, and so are no reason. */
export function judgeRelease({ isNamed, before, after }: QuarantineFacts): Release | null {
  if (isNamed) return 'named in --ids';
  if (before === null) return null;
  if (!isSameRows(before, after)) return 'its source has changed';
  return before.splits === after.splits ? null : 'its splits have changed';
}

/** Why it is skipped, for people. */
export function quarantineReason({ failures, reason }: { failures: number; reason: string }): string {
  return `quarantined after ${failures} failed runs in a row: ${reason}`;
}

/** Plans with those of quarantined assets held back; what is blocked says so itself. */
export function holdQuarantined<
  P extends { id: number; action: Action; reason: string; isBlocked?: boolean },
>(plans: readonly P[], held: ReadonlyMap<number, string>): P[] {
  return plans.map((plan) => {
    const reason = held.get(plan.id);
    return reason === undefined || plan.isBlocked ? plan : { ...plan, action: 'skip', reason };
  });
}

/** By component, who is held back and why. */
export type Held = Readonly<Record<ComponentName, ReadonlyMap<number, string>>>;
