/** Names of indicators: that of the kind, then its numbers, as in rsi_14, macd_12_26_9 and bbands_20_2.5. */
import { UsageError } from '../text/errors.js';
import { INDICATOR_KINDS } from './index.js';
import type { IndicatorKind, IndicatorParameter, IndicatorStep, OutputKind } from './parts/kind.js';

/** One value of an indicator at each close. */
export interface IndicatorOutput {
  /** The indicator's name, and of further outputs a dot and theirs: macd_12_26_9.signal. */
  name: string;
  /** 0-based position in the series of the first bar that has a value. */
  firstAt: number;
  /** It is a price: charts draw it over the prices. */
  isPrice: boolean;
}

/** An indicator with its numbers: what is computed, and stored under its name. */
export interface Indicator extends IndicatorStep {
  name: string;
  kind: IndicatorKind;
  parameters: readonly number[];
  outputs: readonly IndicatorOutput[];
  /** Columns that steps write after the outputs, only to be stored. */
  parts: readonly IndicatorOutput[];
  /** How many bars before the one stepped to are still read. */
  lookback: number;
}

const WORD = /^[a-z]+$/;

/** rsi_14: the name with the usual numbers. */
export function usualNameOf({ name, parameters }: IndicatorKind): string {
  return [name, ...parameters.map(({ usual }) => usual)].join('_');
}

/**
 * The indicator of a name such as rsi_21, macd_12_26_9, bbands_20_2.5 or obv. Every indicator has one name: numbers are
 * written without needless zeros. `kinds` are those that there are.
 * Throws UsageError that says what there is, or what the kind's numbers are.
 */
export function parseIndicator(text: string, kinds: readonly IndicatorKind[] = INDICATOR_KINDS): Indicator {
  const { name, numbers } = splitName(text);
  const kind = kinds.find((each) => each.name === name);
  if (kind === undefined) {
    throw new UsageError(
      `there is no indicator "${text}": expected one of ${kinds.map(usualNameOf).join(', ')}, or one of them with other numbers`,
    );
  }
  if (numbers.length !== kind.parameters.length) {
    throw new UsageError(`indicator "${text}": expected ${countOf(kind)}, found ${numbers.length}`);
  }
  const parameters = kind.parameters.map((parameter, index) =>
    readNumber(text, parameter, numbers[index] ?? ''),
  );
  const fault = kind.refuse?.(...parameters) ?? null;
  if (fault !== null) throw new UsageError(`indicator "${text}": ${kind.name} ${fault}`);
  return withParameters(kind, parameters);
}

/** The kind's name and the numbers of the name of an indicator, as they are written. */
function splitName(text: string): { name: string; numbers: string[] } {
  const parts = text.split('_');
  const words = parts.findIndex((part) => !WORD.test(part));
  return {
    name: (words < 0 ? parts : parts.slice(0, words)).join('_'),
    numbers: words < 0 ? [] : parts.slice(words),
  };
}

/** Whether the name is one of a kind of this list, whatever its numbers. */
export function isOfKinds(text: string, kinds: readonly IndicatorKind[] = INDICATOR_KINDS): boolean {
  const { name } = splitName(text);
  return kinds.some((kind) => kind.name === name);
}

/** "3 numbers, as in macd_12_26_9 (f, s, g)". */
function countOf(kind: IndicatorKind): string {
  const { length } = kind.parameters;
  if (length === 0) return `no number, only "${kind.name}"`;
  const names = kind.parameters.map(({ name }) => name).join(', ');
  return `${length} ${length === 1 ? 'number' : 'numbers'}, as in ${usualNameOf(kind)} (${names})`;
}

/** One number of a name, written in the one way that there is to write it. */
function readNumber(text: string, { name, least, most, isWhole }: IndicatorParameter, part: string): number {
  const value = Number(part);
  const isWritten = isWhole ? /^[0-9]+$/.test(part) : /^[0-9]+(\.[0-9]{1,2})?$/.test(part);
  if (isWritten && String(value) === part && value >= least && value <= most) return value;
  const kindOfNumber = isWhole ? 'a whole number' : 'a number with at most two decimals';
  throw new UsageError(
    `indicator "${text}": expected ${name} to be ${kindOfNumber} from ${least} to ${most}, without needless zeros, found "${part}"`,
  );
}

/** The name of a column of an indicator: '' is the indicator's own. */
export function fullName(indicator: string, column: string): string {
  return column === '' ? indicator : `${indicator}.${column}`;
}

function withParameters(kind: IndicatorKind, parameters: readonly number[]): Indicator {
  const name = [kind.name, ...parameters].join('_');
  const { step, stepMany } = kind.start(...parameters);
  const outputOf = (output: OutputKind): IndicatorOutput => ({
    name: fullName(name, output.name),
    firstAt: output.firstAt(...parameters),
    isPrice: output.isPrice === true,
  });
  return {
    name,
    kind,
    parameters,
    outputs: kind.outputs.map(outputOf),
    parts: (kind.parts ?? []).map(outputOf),
    lookback: kind.lookback(...parameters),
    step,
    ...(stepMany !== undefined && { stepMany }),
  };
}
