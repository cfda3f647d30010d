/** B13: indicators of one long series against the libraries of the field, where they give the same values. */
import { bb, atr as indicatortsAtr, macd as indicatortsMacd, rsi as indicatortsRsi } from 'indicatorts';
import technicalindicators from 'technicalindicators';
import { ADX, ATR, BollingerBands, EMA, MACD, RSI } from 'trading-signals';
import { type Indicator, parseIndicator } from '../../src/domain/indicators/name.js';
import type { BarColumns } from '../../src/domain/indicators/parts/kind.js';
import { advanceIndicator, barColumnsOf, type IndicatorBar } from '../../src/domain/indicators/series.js';
import type { Finding } from '../support/findings.js';
import { medianOf, timeMs } from '../support/measure.js';
import { seededPrices } from '../support/seeded-prices.js';

const SEED = 1;
const BARS = 4018;
const FIRST_DAY = 16_000;
const RANGE = { firstDay: FIRST_DAY, from: FIRST_DAY, to: FIRST_DAY + BARS };
const ROUNDS = 90;
/** Compared are the newest values: there every beginning has faded. */
const COMPARED = 500;

/** The series in the form that a library takes. */
interface Lists {
  bars: (Required<IndicatorBar> & { volume: number })[];
  high: number[];
  low: number[];
  close: number[];
}

/** All values of the first output, oldest first. */
type Candidate = (lists: Lists) => ArrayLike<number>;

interface Contest {
  name: string;
  libraries: Readonly<Record<string, Candidate>>;
}

interface Streaming<Input> {
  update(input: Input, replace: false): unknown;
  isStable: boolean;
  getResult(): unknown;
}

/** Feeds an indicator of trading-signals and keeps every value. */
function stream<Input>(
  indicator: Streaming<Input>,
  inputs: readonly Input[],
  readValue: (result: never) => number,
): number[] {
  const values: number[] = [];
  for (const input of inputs) {
    indicator.update(input, false);
    if (indicator.isStable) values.push(readValue(indicator.getResult() as never));
  }
  return values;
}

const asItIs = (value: number): number => value;

const CONTESTS: readonly Contest[] = [
  {
    name: 'rsi_14',
    libraries: {
      technicalindicators: ({ close }) => technicalindicators.RSI.calculate({ period: 14, values: close }),
      'trading-signals': ({ close }) => stream(new RSI(14), close, asItIs),
      indicatorts: ({ close }) => indicatortsRsi(close, { period: 14 }),
    },
  },
  {
    name: 'atr_14',
    libraries: {
      technicalindicators: ({ high, low, close }) =>
        technicalindicators.ATR.calculate({ period: 14, high, low, close }),
      'trading-signals': ({ bars }) => stream(new ATR(14), bars, asItIs),
      indicatorts: ({ high, low, close }) => indicatortsAtr(high, low, close, { period: 14 }).atrLine,
    },
  },
  {
    name: 'macd_12_26_9',
    libraries: {
      technicalindicators: ({ close }) =>
        technicalindicators.MACD.calculate({
          fastPeriod: 12,
          slowPeriod: 26,
          signalPeriod: 9,
          values: close,
          SimpleMAOscillator: false,
          SimpleMASignal: false,
        }).map(({ MACD }) => MACD ?? Number.NaN),
      'trading-signals': ({ close }) =>
        stream(new MACD(new EMA(12), new EMA(26), new EMA(9)), close, ({ macd }: { macd: number }) => macd),
      indicatorts: ({ close }) => indicatortsMacd(close, { fast: 12, slow: 26, signal: 9 }).macdLine,
    },
  },
  {
    name: 'adx_14',
    libraries: {
      technicalindicators: ({ high, low, close }) =>
        technicalindicators.ADX.calculate({ period: 14, high, low, close }).map(({ adx }) => adx),
      'trading-signals': ({ bars }) => stream(new ADX(14), bars, asItIs),
    },
  },
  {
    name: 'bbands_20_2',
    libraries: {
      technicalindicators: ({ close }) =>
        technicalindicators.BollingerBands.calculate({ period: 20, stdDev: 2, values: close }).map(
          ({ upper }) => upper,
        ),
      'trading-signals': ({ close }) =>
        stream(new BollingerBands(20, 2), close, ({ upper }: { upper: number }) => upper),
      indicatorts: ({ close }) => bb(close, { period: 20 }).upper,
    },
  },
];

/** The output that libraries are compared by: of bands the upper one. */
function comparedOf({ outputs }: Indicator): number {
  return Math.max(
    0,
    outputs.findIndex(({ name }) => name.endsWith('.upper')),
  );
}

/** Largest relative difference of the newest values. */
function differenceOf(ours: ArrayLike<number>, theirs: ArrayLike<number>): number {
  let largest = 0;
  for (let back = 1; back <= COMPARED; back += 1) {
    const [expected, found] = [ours[ours.length - back], theirs[theirs.length - back]];
    largest = Math.max(largest, Math.abs((found ?? Number.NaN) / (expected ?? Number.NaN) - 1));
  }
  return largest;
}

/** A library's rounding to two decimals, of values from 0 to 100, still counts as the same. */
const MOST_DIFFERENT = 1e-3;

/** Nanoseconds a bar: the median over rounds that take turns. */
async function measure(candidates: ReadonlyMap<string, () => unknown>): Promise<Map<string, number>> {
  const times = new Map([...candidates.keys()].map((name) => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, candidate] of candidates) {
      const ms = await timeMs(candidate);
      // The first third warms up.
      if (round >= ROUNDS / 3) times.get(name)?.push(ms);
    }
  }
  return new Map([...times].map(([name, ms]) => [name, (medianOf(ms) * 1e6) / BARS]));
}

async function hold({ name, libraries }: Contest, lists: Lists, columns: BarColumns): Promise<Finding[]> {
  const indicator = parseIndicator(name);
  const room = [...indicator.outputs, ...indicator.parts].map(() => new Float64Array(columns.length));
  const kernel = (): void => {
    const state = new Float64Array(indicator.kind.state.length);
    indicator.step(state, { bars: columns, from: 0, to: columns.length, position: 0 }, room);
  };
  const whole = () => advanceIndicator(indicator, null, columns).values;
  const ours = whole()[comparedOf(indicator)] ?? [];
  const differences = Object.entries(libraries).map(
    ([library, run]) => [library, differenceOf(ours, run(lists))] as const,
  );
  const equal = differences.filter(([, difference]) => difference <= MOST_DIFFERENT);
  const others = differences.filter(([, difference]) => !(difference <= MOST_DIFFERENT));
  const rates = await measure(
    new Map<string, () => unknown>([
      ['kernel', kernel],
      ['kernel, into fresh columns', whole],
      ...equal.map(([library]) => [library, () => libraries[library]?.(lists)] as const),
    ]),
  );
  const rate = (each: string) => rates.get(each) ?? Number.NaN;
  const fastest = Math.min(...equal.map(([library]) => rate(library)));
  const detail = [
    `ns a bar, ${BARS} bars of seed ${SEED}: ${[...rates].map(([each, ns]) => `${each} ${ns.toFixed(1)}`).join(', ')}`,
    `largest relative difference of the last ${COMPARED} values: ${equal.map(([library, difference]) => `${library} ${difference.toExponential(0)}`).join(', ')}`,
    ...(others.length === 0
      ? []
      : [`other values, so left out: ${others.map(([library]) => library).join(', ')}`]),
  ].join('; ');
  return [
    {
      id: 'B13',
      what: `${name}: fastest library / kernel`,
      goal: { atLeast: 5 },
      value: fastest / rate('kernel'),
      detail,
    },
  ];
}

/** All of B13. */
export async function measureIndicators(): Promise<Finding[]> {
  const bars = [...seededPrices(SEED, RANGE)].map(({ open, high, low, close, volume }) => ({
    open: open ?? Number.NaN,
    high: high ?? Number.NaN,
    low: low ?? Number.NaN,
    close: close ?? Number.NaN,
    volume: volume ?? 0,
  }));
  const lists: Lists = {
    bars,
    high: bars.map(({ high }) => high),
    low: bars.map(({ low }) => low),
    close: bars.map(({ close }) => close),
  };
  const findings: Finding[] = [];
  for (const contest of CONTESTS) findings.push(...(await hold(contest, lists, barColumnsOf(bars))));
  return findings;
}
