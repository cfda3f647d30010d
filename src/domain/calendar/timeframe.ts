/** Timeframes: bar lengths with their rule, and the catalogue that a new warehouse is born with (semantics.md §3). */

/** Alignments that have bars; each is the name of its family in BAR_FAMILIES. */
export const BAR_ALIGNMENTS = ['multi_tf', 'cal_us', 'cal_iso', 'cal_anchor_us', 'cal_anchor_iso'] as const;
export type BarAlignment = (typeof BAR_ALIGNMENTS)[number];

/** `v2` has EMAs only. */
export const ALIGNMENTS = [...BAR_ALIGNMENTS, 'v2'] as const;
export type Alignment = (typeof ALIGNMENTS)[number];

export const UNITS = ['D', 'W', 'M', 'Y'] as const;
export type Unit = (typeof UNITS)[number];

export interface Timeframe {
  alignment: Alignment;
  tf: string;
  unit: Unit;
  count: number;
  /** D n, W 7n, M 30n, Y 365n. */
  nominalDays: number;
}

const UNIT_DAYS: Readonly<Record<Unit, number>> = { D: 1, W: 7, M: 30, Y: 365 };

/** Months of one unit, M or Y. A year is twelve of the absolute month index, which begins with a January: one rule serves both. */
export function monthsOfUnit(unit: Unit): number {
  return unit === 'Y' ? 12 : 1;
}

/** What follows the number of units; null where the alignment has no such unit. */
function suffixOf(alignment: Alignment, unit: Unit): string | null {
  if (alignment === 'multi_tf' || alignment === 'v2') return unit === 'D' ? 'D' : null;
  if (unit === 'D') return null;
  const kind = alignment.startsWith('cal_anchor') ? 'CAL_ANCHOR' : 'CAL';
  const week = alignment.endsWith('us') ? '_US' : '_ISO';
  return `${unit}_${kind}${unit === 'W' ? week : ''}`;
}

/**
 * The timeframe that a name means within an alignment, e.g. ('cal_us', '2W_CAL_US').
 * Throws, naming both, when the name does not belong to the alignment (the rule of dim_timeframe.tf_fits_alignment).
 */
export function parseTimeframe(alignment: Alignment, tf: string): Timeframe {
  const match = /^([1-9][0-9]{0,4})([DWMY]).*$/.exec(tf);
  const unit = UNITS.find((candidate) => candidate === match?.[2]);
  const digits = match?.[1] ?? '';
  const fits =
    unit !== undefined &&
    tf === `${digits}${suffixOf(alignment, unit)}` &&
    (unit === 'D' || digits.length <= 3);
  if (!fits) {
    const example = alignment === 'multi_tf' || alignment === 'v2' ? '7D' : `1${suffixOf(alignment, 'W')}`;
    throw new Error(`"${tf}" is not a timeframe of alignment ${alignment}; expected a name like ${example}`);
  }
  const count = Number(digits);
  return { alignment, tf, unit, count, nominalDays: count * UNIT_DAYS[unit] };
}

const ROLLING_COUNTS = [
  1, 2, 3, 4, 5, 7, 10, 14, 15, 20, 21, 25, 28, 30, 40, 42, 45, 50, 56, 60, 63, 70, 84, 90, 100, 105, 140,
  147, 150, 180, 200, 210, 250, 270, 280, 294, 300, 315, 350, 360, 365, 400, 441, 500, 525, 560, 588, 600,
  630, 700, 720, 730, 750, 800, 882, 900, 945, 1000, 1080, 1095, 1440, 1460, 1825, 2160, 2520, 2555, 2880,
  2920, 3240, 3285, 3650, 3960, 4015, 4320, 4380, 4680, 4745, 5040, 5110, 5400, 5475, 5760, 5840, 6120, 6205,
  6480, 6570, 6840, 6935, 7200, 7300,
];

const CALENDAR_COUNTS: readonly (readonly [unit: Unit, counts: readonly number[]])[] = [
  ['W', [1, 2, 3, 4, 6, 8, 10]],
  ['M', [1, 2, 3, 6, 9, 12]],
  ['Y', Array.from({ length: 20 }, (_, index) => index + 1)],
];

function catalogueOf(alignment: Alignment): Timeframe[] {
  const counts = suffixOf(alignment, 'D') === null ? CALENDAR_COUNTS : [['D', ROLLING_COUNTS] as const];
  return counts.flatMap(([unit, ns]) =>
    ns.map((n) => parseTimeframe(alignment, `${n}${suffixOf(alignment, unit)}`)),
  );
}

/** The catalogue: 91 multi_tf (1D, which has EMAs only, included), 33 of each calendar alignment, 91 v2. */
export const TIMEFRAMES: readonly Timeframe[] = ALIGNMENTS.flatMap(catalogueOf);

/** Whether bars of this timeframe are built: not for v2, and not for multi_tf 1D, whose bars are the 1D bars. */
export function hasBars(timeframe: Timeframe): timeframe is Timeframe & { alignment: BarAlignment } {
  return timeframe.alignment !== 'v2' && timeframe.tf !== '1D';
}
