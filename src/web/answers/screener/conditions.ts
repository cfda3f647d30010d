/** "rsi_14 < 30, change > 0": conditions on columns of numbers. */
import { UsageError } from '../../../domain/text/errors.js';

const OPERATORS = {
  '<=': (value: number, bound: number) => value <= bound,
  '>=': (value: number, bound: number) => value >= bound,
  '<': (value: number, bound: number) => value < bound,
  '>': (value: number, bound: number) => value > bound,
  '=': (value: number, bound: number) => value === bound,
} as const;
const MOST_CONDITIONS = 20;
const COLUMN = /^[a-z][a-z0-9_.]{0,79}$/;
const BOUND = /^-?[0-9]{1,30}(\.[0-9]{1,30})?(e-?[0-9]{1,3})?$/;

export interface Condition {
  column: string;
  /** What is not there is never so. */
  isSo(value: number): boolean;
}

/** All of them hold. Throws UsageError for a text that is none. */
export function readConditions(text: string): Condition[] {
  const parts = text.split(',').filter((part) => part.trim() !== '');
  if (parts.length > MOST_CONDITIONS)
    throw new UsageError(`where expects at most ${MOST_CONDITIONS} conditions, got ${parts.length}`);
  return parts.map(readCondition);
}

function readCondition(text: string): Condition {
  const sign = (Object.keys(OPERATORS) as (keyof typeof OPERATORS)[]).find((each) => text.includes(each));
  const [column = '', bound = '', ...rest] =
    sign === undefined ? [] : text.split(sign).map((part) => part.trim());
  if (sign === undefined || rest.length > 0 || !COLUMN.test(column) || !BOUND.test(bound))
    throw new UsageError(
      `where expects conditions like rsi_14 < 30 or change >= 2.5, with commas between them, got "${text.trim()}"`,
    );
  return { column, isSo: (value) => OPERATORS[sign](value, Number(bound)) };
}
