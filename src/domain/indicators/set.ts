/**
 * Several indicators over one series at once: they share the bars that they look back at, and what the series continues
 * from is one list of numbers.
 *
 * The list of a series of `position` bars: each indicator's own numbers, in the order of the set; then field by field, in
 * the order of BAR_FIELDS, the newest bars that somebody looks back at.
 */
import { fullName, type Indicator, type IndicatorOutput } from './name.js';
import { BAR_FIELDS, type BarField } from './parts/kind.js';

/** Indicators that are computed and stored together. */
export interface IndicatorSet {
  /** By the bytes of their names. */
  indicators: readonly Indicator[];
  /** Name and version of each: other ones mean that everything is built again. */
  identities: readonly string[];
  /** Names of all columns in the order in which values are stored: whose first bar comes first stands first. */
  columns: readonly string[];
  /** For each of them the 0-based position of the first bar that has a value. Never falls. */
  firstAt: readonly number[];
  /** What people are shown, and of which columns. */
  outputs: readonly ShownOutput[];
  /** How many bars of each field are looked back at; -1: nobody reads the field. */
  depths: Readonly<Record<BarField, number>>;
  /** How many numbers the indicators carry. */
  ownLength: number;
}

/** An output as a view makes it of the values that are stored. */
export interface ShownOutput {
  name: string;
  /** Number of the column, from 1. */
  of: number;
  /** Number of the column that is added; negative: that is subtracted; 0: none is. */
  plus: number;
}

/** Name and version of an indicator. */
function identityOf({ name, kind }: Indicator): string {
  return `${name} ${kind.version}`;
}

/** A set of these indicators, whatever their order; each once. */
export function createIndicatorSet(given: readonly Indicator[]): IndicatorSet {
  const indicators = [...new Map(given.map((indicator) => [indicator.name, indicator])).values()].sort(
    (a, b) => (a.name < b.name ? -1 : 1),
  );
  // Sorting is stable: columns that begin together are in the order of the names.
  const columns = indicators.flatMap(storedOf).sort((a, b) => a.firstAt - b.firstAt);
  const depthOf = (field: BarField) =>
    indicators.reduce(
      (depth, { kind, lookback }) => (kind.fields.includes(field) ? Math.max(depth, lookback) : depth),
      -1,
    );
  return {
    indicators,
    identities: indicators.map(identityOf),
    columns: columns.map(({ name }) => name),
    firstAt: columns.map(({ firstAt }) => firstAt),
    outputs: indicators.flatMap((indicator) =>
      shownOf(
        indicator,
        columns.map(({ name }) => name),
      ),
    ),
    depths: Object.fromEntries(BAR_FIELDS.map((field) => [field, depthOf(field)])) as Record<
      BarField,
      number
    >,
    ownLength: indicators.reduce((sum, { kind }) => sum + kind.state.length, 0),
  };
}

/** Outputs that no sum makes, and what sums are made of. */
function storedOf({ outputs, parts, kind }: Indicator): IndicatorOutput[] {
  return [...outputs.filter((_, index) => kind.outputs[index]?.sum === undefined), ...parts];
}

function shownOf({ name, outputs, kind }: Indicator, columns: readonly string[]): ShownOutput[] {
  const placeOf = (column: string) => columns.indexOf(column) + 1;
  return outputs.map((output, index) => {
    const sum = kind.outputs[index]?.sum;
    if (sum === undefined) return { name: output.name, of: placeOf(output.name), plus: 0 };
    const [of, plus] = sum.of.map((column) => placeOf(fullName(name, column))) as [number, number];
    return { name: output.name, of, plus: sum.sign * plus };
  });
}

/** How many numbers a series of `position` bars continues from. */
export function lengthOfState({ depths, ownLength }: IndicatorSet, position: number): number {
  return BAR_FIELDS.reduce((sum, field) => sum + Math.max(0, Math.min(position, depths[field])), ownLength);
}
