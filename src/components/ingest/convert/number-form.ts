/** How the numbers of a file are written: with a decimal point or a decimal comma, by its first rows or as --decimal says. */
import { UsageError } from '../../../domain/text/errors.js';
import { parseNumberCell } from '../cells/cells.js';

/** Reads a number: null for nothing, undefined for what is no number of this form. */
export interface NumberForm {
  readonly expected: string;
  parse(text: string): number | null | undefined;
}

/** What stands before the digits that are no thousands. */
export type Decimal = 'point' | 'comma';

const NOTHING = /^(?:|-+|–|—|n\/?a|null|none|nan|\?)$/i;
const MONEY = /^[$€£¥₿]|[$€£¥₿]$|^(?:USD|EUR)(?=\s)|(?<=\s)(?:USD|EUR)$/gi;
const BLANKS = /[\s'’_]/g;
/** Powers of ten. */
const UNITS: Readonly<Record<string, number>> = { K: 3, M: 6, B: 9, T: 12 };

const POINT = /^[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?$/;
const COMMA = /^[+-]?(?:\d{1,3}(?:\.\d{3})+|\d+)?(?:,\d*)?$/;

/** Numbers of a known program: a decimal point and nothing else. */
export const PLAIN_NUMBERS: NumberForm = {
  expected: 'a number like 1234.5 or 2.28E+12, or an empty cell',
  parse: parseNumberCell,
};

const POINT_NUMBERS: NumberForm = {
  expected: 'a number like 1234.5 or 1,234.5 or 1.2K, or an empty cell',
  parse: (text) => parseLoose(text, 'point'),
};

const COMMA_NUMBERS: NumberForm = {
  expected: 'a number like 1234,5 or 1.234,5, or an empty cell',
  parse: (text) => parseLoose(text, 'comma'),
};

/** The form of numbers with this decimal mark. */
export function numberForm(decimal: Decimal): NumberForm {
  return decimal === 'point' ? POINT_NUMBERS : COMMA_NUMBERS;
}

function parseLoose(text: string, decimal: Decimal): number | null | undefined {
  const plain = parseNumberCell(text);
  if (plain === null || (decimal === 'point' && plain !== undefined)) return plain;
  if (NOTHING.test(text)) return null;
  const bare = text.replaceAll(MONEY, '').replaceAll(BLANKS, '');
  const unit = UNITS[bare.slice(-1).toUpperCase()];
  const digits = unit === undefined ? bare : bare.slice(0, -1);
  const isNumber = (decimal === 'point' ? POINT : COMMA).test(digits) && /\d/.test(digits);
  if (!isNumber)
    return decimal === 'comma' && /^[+-]?\d+(?:,\d+)?e[+-]?\d+$/i.test(bare)
      ? parseNumberCell(bare.replace(',', '.'))
      : undefined;
  const point =
    decimal === 'point' ? digits.replaceAll(',', '') : digits.replaceAll('.', '').replace(',', '.');
  // 1.2K is 1200, and not 1.2 · 1000: the power of ten goes into the text, which is rounded once.
  const value = Number(unit === undefined ? point : `${point}e${unit}`);
  return Number.isFinite(value) ? value + 0 : undefined;
}

/** Says of a number that it has a decimal comma, a decimal point, or could have either. */
function marksOf(text: string): Decimal | 'either' | null {
  const digits = text
    .replaceAll(MONEY, '')
    .replaceAll(BLANKS, '')
    .replace(/[KMBT%]$/i, '');
  if (!/^[+-]?[\d.,]+$/.test(digits)) return null;
  const points = digits.split('.').length - 1;
  const commas = digits.split(',').length - 1;
  if (points > 0 && commas > 0) return digits.lastIndexOf('.') > digits.lastIndexOf(',') ? 'point' : 'comma';
  if (points + commas === 0) return null;
  if (points > 1) return 'comma';
  if (commas > 1) return 'point';
  // 0.123 and 1234.567 are no thousands.
  const isGrouped = /^[+-]?[1-9]\d{0,2}[.,]\d{3}$/.test(digits);
  if (isGrouped) return 'either';
  return points === 1 ? 'point' : 'comma';
}

export interface NumberSample {
  readonly text: string;
  readonly place: string;
}

/**
 * The form of these numbers. Throws UsageError where each could be two numbers and nothing settles it, with both readings
 * and the flag to type. Between semicolons a comma is as likely as a point; elsewhere 1.234 is what it is everywhere.
 */
export function chooseNumberForm(
  samples: readonly NumberSample[],
  {
    decimal,
    isCommaLikely,
    command,
  }: { decimal: Decimal | null; isCommaLikely: boolean; command: (...words: string[]) => string },
): NumberForm {
  if (decimal !== null) return numberForm(decimal);
  const counts = { point: 0, comma: 0 };
  let either: NumberSample | null = null;
  for (const sample of samples) {
    const marks = marksOf(sample.text);
    if (marks === 'either') {
      if (isCommaLikely || sample.text.includes(',')) either ??= sample;
    } else if (marks !== null) counts[marks] += 1;
  }
  if (counts.point === 0 && counts.comma === 0 && either !== null) throw ambiguous(either, command);
  return counts.comma > counts.point ? COMMA_NUMBERS : POINT_NUMBERS;
}

function ambiguous({ text, place }: NumberSample, command: (...words: string[]) => string): UsageError {
  const [point, comma] = [POINT_NUMBERS.parse(text), COMMA_NUMBERS.parse(text)];
  return new UsageError(
    `${place}: "${text}" could be ${point} or ${comma}, and no number of the file settles it. If it is ${point}: ${command('--decimal', 'point')}; if it is ${comma}: ${command('--decimal', 'comma')}`,
  );
}
