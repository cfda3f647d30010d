/** What an indicator has to say about itself. One is one file and one line in the list; what all have alike is in series.ts. */

/** What an indicator can read of a bar. */
export const BAR_FIELDS = ['open', 'high', 'low', 'close', 'volume'] as const;
export type BarField = (typeof BAR_FIELDS)[number];

/** Consecutive closed bars of one series, by rising bar_seq; DayColumns fits. A volume of NaN is an unknown one. */
export interface BarColumns extends Readonly<Record<BarField, Float64Array>> {
  length: number;
}

/** Bars to step over: those at [from, to) of the columns. */
export interface BarSpan {
  /** Only the fields that the indicator declares are filled, and no volume is NaN. */
  bars: BarColumns;
  from: number;
  to: number;
  /** Bars of the series before `from`: the position of bar `at` is position + at − from. The columns have as many of them as the lookback asks for. */
  position: number;
}

/** Values by output, at the index of their bar. They are NaN before a step writes them. */
export type Values1 = readonly [Float64Array];
export type Values2 = readonly [Float64Array, Float64Array];
export type Values3 = readonly [Float64Array, Float64Array, Float64Array];
export type Values4 = readonly [Float64Array, Float64Array, Float64Array, Float64Array];

/** Takes the bars of a span into the state, in place, and writes the values at them. Any division of the bars gives the same. */
export interface IndicatorStep {
  // As a method, so that a step may name as many outputs as its indicator has.
  step(state: Float64Array, span: BarSpan, values: readonly Float64Array[]): void;
  /** Of an indicator that is computed elsewhere: spans of several series at once, and which of the series have stopped. */
  stepMany?(steps: readonly SeriesStep[]): readonly (IndicatorStop | null)[];
}

/** One span of one series. */
export interface SeriesStep {
  state: Float64Array;
  span: BarSpan;
  values: readonly Float64Array[];
}

/** A number in an indicator's name. */
export interface IndicatorParameter {
  name: string;
  /** What the number is mostly. */
  usual: number;
  least: number;
  most: number;
  /** Only whole numbers. */
  isWhole: boolean;
}

/** One value of an indicator at each close. */
export interface OutputKind {
  /** What is added to the indicator's name, after a dot; '' is the name alone. */
  name: string;
  /** 0-based position of the first bar that has a value. */
  firstAt(...parameters: number[]): number;
  /** It is a price: charts draw it over the prices, and not below them. */
  isPrice?: true;
  /** Not stored: views make it of two columns that are, to the same bits. */
  sum?: OutputSum;
}

/** The first of two columns of an indicator, plus or minus the second. Named as outputs are. */
export interface OutputSum {
  of: readonly [string, string];
  sign: 1 | -1;
}

/** An indicator whatever its parameters: rsi of rsi_14 and rsi_21. */
export interface IndicatorKind {
  /** First part of its names: lower case letters, words joined by "_". */
  name: string;
  title: string;
  /** The definition, in Markdown: what a value is made of, and what it is where that would divide by zero. */
  definition: string;
  /** Where the definition is from, where TA-Lib has none. */
  source?: string;
  /** Version of the arithmetic: another one means that states and values are rebuilt. */
  version: number;
  parameters: readonly IndicatorParameter[];
  /** What is wrong with parameters that are each in their range, as the end of a sentence; null: nothing. */
  refuse?(...parameters: number[]): string | null;
  fields: readonly BarField[];
  outputs: readonly OutputKind[];
  /** Columns beside the outputs that sums are made of. Steps write them after the outputs; nobody is shown them. */
  parts?: readonly OutputKind[];
  /** How many bars before the one stepped to are still read. */
  lookback(...parameters: number[]): number;
  /** Names of the state's numbers; all begin at 0. None: the values follow from the bars looked back at. */
  state: readonly string[];
  start(...parameters: number[]): IndicatorStep;
}

/** A series has no values of an indicator from some bar on. */
export interface IndicatorStop {
  /** 0-based position of the first bar that was not taken. */
  position: number;
  /** null: an earlier run knew. */
  why: string | null;
  /** Another attempt may end otherwise: it took too much time or memory. */
  isPassing: boolean;
}

const MOST_BARS = 1000;

/** A parameter that is a number of bars, up to 1000. */
export function barCount(name: string, usual: number, least = 1): IndicatorParameter {
  return { name, usual, least, most: MOST_BARS, isWhole: true };
}

/** A parameter that something is multiplied by: above 0, up to 100, to two places. */
export function multiplier(name: string, usual: number): IndicatorParameter {
  return { name, usual, least: 0.01, most: 100, isWhole: false };
}
