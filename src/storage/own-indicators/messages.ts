/** What is said between a run and the thread of a module. Types only: the thread's files are started as they are. */
import type { MessagePort } from 'node:worker_threads';
import type { BarField, IndicatorParameter } from '../../domain/indicators/parts/kind.js';

/** What is asked of the thread. One question at a time. */
export type Question =
  | { ask: 'kind' }
  /** What follows from the numbers of a name. */
  | { ask: 'numbers'; parameters: readonly number[] }
  | { ask: 'step'; parameters: readonly number[]; stretches: readonly Stretch[] };

/** Bars of a series to step over, after `position` earlier ones. */
export interface Stretch {
  position: number;
  /** How many bars to step over. */
  length: number;
  state: Float64Array;
  /** Of the fields that the indicator reads: the bars looked back at, as many as there are, then those to step over. */
  bars: Partial<Record<BarField, Float64Array>>;
}

export interface Answers {
  kind: OwnKind;
  numbers: OwnNumbers;
  step: readonly Stepped[];
}

/** What a module exports, without its functions. */
export interface OwnKind {
  name: string;
  title: string;
  parameters: readonly IndicatorParameter[];
  fields: readonly BarField[];
  /** Names of the outputs; '' is the name alone. */
  outputs: readonly string[];
  state: readonly string[];
}

export interface OwnNumbers {
  /** What is wrong with the numbers, as the end of a sentence; null: nothing. */
  refusal: string | null;
  lookback: number;
  /** For each output. */
  firstAt: readonly number[];
}

export interface Stepped {
  state: Float64Array;
  /** A column for each output, a value for each bar stepped over; NaN: none. */
  values: readonly Float64Array[];
  /** Which of the bars was not taken, and why; null: all were. */
  stop: { at: number; why: string } | null;
}

/** `fault`: why there is no answer, as a sentence. */
export type Answer = { value: Answers[keyof Answers] } | { fault: string };

/** What both threads get. A question was asked when `asked` grows, and answered when `answered` has come as far. */
export interface ThreadData {
  module: string;
  port: MessagePort;
  asked: Int32Array;
  answered: Int32Array;
}

export interface SupervisorData extends ThreadData {
  /** The file that runs the module. */
  entry: string;
  /** Why the thread was ended: 0 it was not, 1 computing, 2 memory, 3 it ended by itself, 4 waiting. */
  end: Int32Array;
  computingMs: number;
  waitingMs: number;
  memoryMb: number;
}
