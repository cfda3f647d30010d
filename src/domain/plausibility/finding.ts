/** What may be wrong with days that were accepted: named, never refused. */
import { type Day, formatDay } from '../calendar/day.js';

export const FINDING_KINDS = ['jump', 'spike', 'frozen', 'volume_unit', 'huge_price'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One finding; (day, kind) is unique for an asset. */
export interface PriceFinding {
  day: Day;
  kind: FindingKind;
  /** How many times what was expected it is: see WORDS. Six significant digits, so that a split of later days leaves it. */
  factor: number;
}

/** "2024-01-02: close is 1,000 times that of the day before". */
export function formatPriceFinding({ day, kind, factor }: PriceFinding): string {
  return `${formatDay(day)}: ${WORDS[kind](factor)}`;
}

const WORDS: Record<FindingKind, (factor: number) => string> = {
  jump: (factor) => `close is ${times(factor)} that of the day before`,
  spike: (factor) => `close is ${times(factor)} that of the day before, and back on the next day`,
  frozen: (factor) => `${factor} days in a row are equal in all four prices and volume`,
  volume_unit: (factor) =>
    `volume is ${times(factor)} what it was: does it count something else from this day on?`,
  huge_price: (factor) => `a price is ${times(factor)} 1e15, the most that is plausible`,
};

/** "1,000 times", "1/1,000 of": a factor for people. */
function times(factor: number): string {
  return factor >= 1 ? `${rounded(factor)} times` : `1/${rounded(1 / factor)} of`;
}

function rounded(value: number): string {
  const text = Number(value.toPrecision(4));
  return text >= 1e15 ? text.toExponential() : text.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
