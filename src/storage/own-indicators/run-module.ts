/** Runs an indicator of the user's own, in a thread that may be ended: answers one question after another. */
import { pathToFileURL } from 'node:url';
import { workerData } from 'node:worker_threads';
import { z } from 'zod';
import type { Answer, OwnKind, OwnNumbers, Question, Stepped, Stretch, ThreadData } from './messages.js';

const { module, port, asked, answered } = workerData as ThreadData;

const MOST_BARS = 1000;
const Callable = z.custom<(...numbers: number[]) => unknown>((value) => typeof value === 'function', {
  error: 'a function was expected',
});
const Name = z.string().regex(/^[a-z]+(_[a-z]+)*$/, 'lower case words joined by "_" were expected');
const Parameter = z.strictObject({
  name: z.string().min(1),
  usual: z.number(),
  least: z.number().default(1),
  most: z.number().default(MOST_BARS),
  isWhole: z.boolean().default(true),
});

/** What a module has to export. */
const Contract = z.strictObject({
  name: Name,
  title: z.string().optional(),
  parameters: z.array(Parameter).default([]),
  refuse: Callable.optional(),
  fields: z.array(z.enum(['open', 'high', 'low', 'close', 'volume'])).min(1),
  outputs: z.array(z.strictObject({ name: z.union([z.literal(''), Name]), firstAt: Callable })).min(1),
  lookback: Callable.default(() => () => 0),
  state: z.array(z.string()).default([]),
  start: Callable,
});
type Exported = z.infer<typeof Contract>;

/** Takes one bar; `bars` end with it. */
type Step = (state: Float64Array, bars: Stretch['bars'], position: number) => unknown;

let exported: Exported;

/** Loads and checks the file. Throws one sentence about what is wrong. */
async function load(): Promise<OwnKind> {
  const { indicator } = (await import(pathToFileURL(module).href)) as { indicator?: unknown };
  if (indicator === undefined)
    throw new Error('it exports no "indicator": "export const indicator = { ... }" was expected');
  const checked = Contract.safeParse(indicator);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    throw new Error(`${['indicator', ...(issue?.path ?? [])].join('.')}: ${issue?.message}`);
  }
  exported = checked.data;
  rehearse(exported.parameters.map(({ usual }) => usual));
  const { name, title = name, parameters, fields, outputs, state } = exported;
  return { name, title, parameters, fields, outputs: outputs.map((output) => output.name), state };
}

function resolveNumbers(parameters: readonly number[]): OwnNumbers {
  const { refuse, lookback, outputs } = exported;
  const refusal = refuse?.(...parameters) ?? null;
  if (refusal !== null) return { refusal: String(refusal), lookback: 0, firstAt: [] };
  return {
    refusal: null,
    lookback: countOf('lookback', lookback(...parameters)),
    firstAt: outputs.map(({ firstAt }, index) => countOf(`outputs.${index}.firstAt`, firstAt(...parameters))),
  };
}

function countOf(what: string, value: unknown): number {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 10 * MOST_BARS)
    return value as number;
  throw new Error(
    `indicator.${what}: a whole number from 0 to ${10 * MOST_BARS} was expected, it gave ${String(value)}`,
  );
}

/** Bar by bar, so that what a bar gives cannot depend on how many came with it. */
function stepOver(
  parameters: readonly number[],
  { position, length, state: before, bars }: Stretch,
): Stepped {
  const { lookback, firstAt } = resolveNumbers(parameters);
  const values = firstAt.map(() => new Float64Array(length).fill(Number.NaN));
  const state = before.slice();
  const kept = Math.min(position, lookback);
  let at = 0;
  try {
    const step = startStep(parameters);
    for (; at < length; at += 1) {
      const reach = Math.min(position + at, lookback);
      const given = step(state, windowOf(bars, kept + at - reach, kept + at + 1), position + at);
      const taken = valuesOf(given, firstAt, position + at);
      const index = state.findIndex(Number.isNaN);
      if (index >= 0) throw new Error(`"${exported.state[index]}" of its state became NaN`);
      for (const [output, value] of taken.entries()) (values[output] as Float64Array)[at] = value;
    }
  } catch (error) {
    return { state: new Float64Array(state.length), values, stop: { at, why: wordsOf(error) } };
  }
  return { state, values, stop: null };
}

function startStep(parameters: readonly number[]): Step {
  const started = exported.start(...parameters) as { step?: unknown } | null | undefined;
  if (typeof started?.step !== 'function') throw new Error('start() gave no { step(state, bars, position) }');
  return started.step.bind(started);
}

/** A copy: what a module writes there is gone with the bar. */
function windowOf(bars: Stretch['bars'], from: number, to: number): Stretch['bars'] {
  const window: Stretch['bars'] = {};
  for (const field of exported.fields) window[field] = (bars[field] as Float64Array).slice(from, to);
  return window;
}

/** What a step gave, as one number for each output; NaN before its first bar. */
function valuesOf(given: unknown, firstAt: readonly number[], position: number): number[] {
  const list = Array.isArray(given) ? given : [given];
  const isDue = firstAt.some((first) => first <= position);
  if (!isDue) return firstAt.map(() => Number.NaN);
  if (list.length !== firstAt.length)
    throw new Error(`step gave ${list.length} values, expected ${firstAt.length}`);
  return firstAt.map((first, index) => {
    const value: unknown = list[index];
    if (position < first) return Number.NaN;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    const found = value instanceof Promise ? 'a promise' : String(value);
    throw new Error(`step gave ${found} for output ${index + 1}, expected a finite number`);
  });
}

const REHEARSED = 60;

/** Tries it on bars of no market, at once and one by one: both must give the same. */
function rehearse(parameters: readonly number[]): void {
  const { lookback, firstAt, refusal } = resolveNumbers(parameters);
  if (refusal !== null) throw new Error(`indicator.refuse: it refuses the usual numbers: ${refusal}`);
  const length = Math.max(...firstAt) + REHEARSED;
  const bars = inventBars(length);
  const state = new Float64Array(exported.state.length);
  const whole = stepOver(parameters, { position: 0, length, state, bars });
  if (whole.stop !== null)
    throw new Error(`tried on ${length} bars, bar ${whole.stop.at + 1}: ${whole.stop.why}`);
  let before: Stretch['state'] = state;
  for (let at = 0; at < length; at += 1) {
    const window = windowOf(bars, Math.max(0, at - lookback), at + 1);
    const part = stepOver(parameters, { position: at, length: 1, state: before, bars: window });
    const isSame = whole.values.every((column, output) => Object.is(column[at], part.values[output]?.[0]));
    if (!isSame)
      throw new Error(
        `tried on ${length} bars, bar ${at + 1}: it gives another value when it continues from its state; everything it remembers has to be in "state" or in the bars of "lookback"`,
      );
    before = part.state;
  }
}

/** A walk that is the same each time. */
function inventBars(length: number): Record<(typeof exported.fields)[number], Float64Array> {
  const columns = { open: [], high: [], low: [], close: [], volume: [] } as Record<string, number[]>;
  let seed = 1;
  const draw = () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed / 2_147_483_647;
  };
  let price = 100;
  for (let at = 0; at < length; at += 1) {
    const open = price;
    price *= 0.97 + 0.06 * draw();
    const bar = { open, close: price, high: Math.max(open, price) * (1 + draw() / 50) };
    const low = Math.min(open, price) * (1 - draw() / 50);
    for (const [field, value] of Object.entries({ ...bar, low, volume: 1000 * draw() }))
      columns[field]?.push(value);
  }
  return Object.fromEntries(
    Object.entries(columns).map(([field, column]) => [field, Float64Array.from(column)]),
  ) as ReturnType<typeof inventBars>;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function answerTo(question: Question): Promise<Answer> {
  try {
    if (question.ask === 'kind') return { value: await load() };
    if (question.ask === 'numbers') return { value: resolveNumbers(question.parameters) };
    const { parameters, stretches } = question;
    return { value: stretches.map((stretch) => stepOver(parameters, stretch)) };
  } catch (error) {
    return { fault: wordsOf(error) };
  }
}

port.on('message', async (question: Question) => {
  port.postMessage(await answerTo(question));
  Atomics.store(answered, 0, Atomics.load(asked, 0));
  Atomics.notify(answered, 0);
});
