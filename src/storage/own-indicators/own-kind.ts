/** An indicator of the user's own as a kind like all others. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { INDICATOR_KINDS } from '../../domain/indicators/index.js';
import type { IndicatorKind, IndicatorStop, SeriesStep } from '../../domain/indicators/parts/kind.js';
import type { OwnNumbers, Stepped } from './messages.js';
import { type ModuleThread, OverrunError, startThread } from './thread.js';

const WRITABLE_BY_ALL = 0o002;
/** Of the hash: as many as a number keeps. */
const VERSION_DIGITS = 12;

/** A kind, and the file that it is from. */
export interface OwnModule {
  path: string;
  kind: IndicatorKind;
  close(): void;
}

/** The file's content as a version: another content, another version. Throws when the file cannot be read. */
export function versionOf(path: string): number {
  const hash = createHash('sha256').update(readModule(path)).digest('hex');
  return Number.parseInt(hash.slice(0, VERSION_DIGITS), 16);
}

function readModule(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Error(isMissing ? 'there is no such file' : (error as Error).message, { cause: error });
  }
}

/**
 * Loads the file at `path` in a thread and checks what it exports. Throws an Error with one sentence about what is wrong with it.
 * A step of the kind never throws: what goes wrong in it stops the series.
 */
export function loadModule(path: string): OwnModule {
  const version = versionOf(path);
  if (process.platform !== 'win32' && (statSync(path).mode & WRITABLE_BY_ALL) !== 0)
    throw new Error(`everybody can write it, and it would be run: type "chmod o-w ${path}"`);
  const thread = startThread(path);
  try {
    return { path, kind: createKind(path, version, thread), close: () => thread.close() };
  } catch (error) {
    thread.close();
    throw error;
  }
}

function createKind(path: string, version: number, thread: ModuleThread): IndicatorKind {
  const own = thread.ask({ ask: 'kind' });
  if (INDICATOR_KINDS.some(({ name }) => name === own.name))
    throw new Error(`indicator.name: barwright has "${own.name}" already; give it another name`);
  const known = new Map<string, OwnNumbers>();
  const resolve = (parameters: readonly number[]): OwnNumbers => {
    const key = parameters.join();
    const numbers = known.get(key) ?? thread.ask({ ask: 'numbers', parameters });
    known.set(key, numbers);
    return numbers;
  };
  const step = createStep(thread, own.fields);
  return {
    ...{ name: own.name, title: own.title, definition: `Defined by \`${path}\`.`, version },
    ...{ parameters: own.parameters, fields: own.fields },
    refuse: (...parameters) => resolve(parameters).refusal,
    outputs: own.outputs.map((name, index) => ({
      name,
      firstAt: (...parameters) => resolve(parameters).firstAt[index] ?? 0,
    })),
    lookback: (...parameters) => resolve(parameters).lookback,
    state: ['stopped', ...own.state],
    start(...parameters) {
      const stepMany = (steps: readonly SeriesStep[]) =>
        step(steps, { parameters, lookback: resolve(parameters).lookback });
      return { step: (state, span, values) => void stepMany([{ state, span, values }]), stepMany };
    },
  };
}

/** In the first number of a state: it runs; its limits ended it; or the position of the bar that stopped it, plus one. */
const RUNS = 0;
const OVERRUN = -1;

/** Steps over spans of several series at once; the thread is asked once for those that still run. */
function createStep(thread: ModuleThread, fields: IndicatorKind['fields']) {
  let overrun: OverrunError | null = null;
  const ask = (running: readonly SeriesStep[], { parameters, lookback }: Numbers): readonly Stepped[] => {
    if (overrun !== null) throw overrun;
    const stretches = running.map(({ state, span: { bars, from, to, position } }) => ({
      ...{ position, length: to - from, state: state.slice(1) },
      bars: Object.fromEntries(
        fields.map((field) => [field, bars[field].slice(from - Math.min(position, lookback), to)]),
      ),
    }));
    return thread.ask({ ask: 'step', parameters, stretches });
  };
  return (steps: readonly SeriesStep[], numbers: Numbers): (IndicatorStop | null)[] => {
    const running = steps.filter(({ state }) => state[0] === RUNS);
    const reasons = new Map<Float64Array, string>();
    const stop = (state: Float64Array, mark: number, why: string) => {
      state.fill(0);
      state[0] = mark;
      reasons.set(state, why);
    };
    try {
      const stepped = running.length === 0 ? [] : ask(running, numbers);
      for (const [index, each] of stepped.entries()) take(running[index] as SeriesStep, each, stop);
    } catch (error) {
      if (!(error instanceof OverrunError)) throw error;
      // Whom its limits ended is not waited for by every series.
      overrun = error;
      for (const { state } of running) stop(state, OVERRUN, error.message);
    }
    return steps.map(({ state }) => stopOf(state, reasons.get(state) ?? null));
  };
}

interface Numbers {
  parameters: readonly number[];
  lookback: number;
}

function take(
  { state, span, values }: SeriesStep,
  stepped: Stepped,
  stop: (state: Float64Array, mark: number, why: string) => void,
): void {
  state.set(stepped.state, 1);
  for (const [output, column] of stepped.values.entries()) values[output]?.set(column, span.from);
  if (stepped.stop !== null) stop(state, span.position + stepped.stop.at + 1, stepped.stop.why);
}

function stopOf([mark = RUNS]: Float64Array, why: string | null): IndicatorStop | null {
  if (mark === RUNS) return null;
  return { position: Math.max(0, mark - 1), why, isPassing: mark === OVERRUN };
}
