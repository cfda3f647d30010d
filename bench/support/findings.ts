import type { Sample } from './measure.js';

/** One figure of the bench, and whether it is what it should be. */
export interface Finding {
  /** B1, B2, … */
  id: string;
  what: string;
  /** null: for the record. */
  goal: { atMost: number } | { atLeast: number } | null;
  value: number;
  detail: string;
  /** The times behind it. */
  samples?: Record<string, Sample>;
}

/** "≤ 2", "≥ 20", "–". */
export function formatGoal({ goal }: Finding): string {
  if (goal === null) return '–';
  return 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
}

/** null: there is no goal. */
export function isReached({ goal, value }: Finding): boolean | null {
  if (goal === null) return null;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** Three significant digits; whole numbers as they are. */
export function formatValue(value: number): string {
  return Number.isInteger(value) ? String(value) : Number(value.toPrecision(3)).toString();
}
