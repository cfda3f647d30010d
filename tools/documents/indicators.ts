/** docs/reference/indicators.md: what every number of an indicator means, from the list of kinds. */
import { INDICATOR_KINDS } from '../../src/domain/indicators/index.js';
import { parseIndicator, usualNameOf } from '../../src/domain/indicators/name.js';
import type { IndicatorKind, IndicatorParameter } from '../../src/domain/indicators/parts/kind.js';

const HEAD = `# Indicators

Made by \`npm run documents\` from the indicators themselves; a test fails when it is older than they are.

The warehouse computes those that are active ([how](../tasks/indicators.md)). They are a library too, \`barwright/domain\`: any series of bars goes
in, values come out, and a state from which more bars continue.

- [What a value is](#what-a-value-is)
- [Computing them](#computing-them)
- [All of them](#all-of-them)
- [Definitions](#definitions)
- [Your own](#your-own)

## What a value is

The input is the closed bars of one series (an asset, an alignment, a timeframe), by rising \`bar_seq\`. Days that are missing make no difference
but in the bars themselves: an indicator counts bars. There is one value for each close, from the first bar on that the definition allows; before
it there is none (\`NaN\`). A volume that is not known (null, NaN, or not given) counts 0.

In the definitions c, o, h, l and v are a bar's close, open, high, low and volume, and [−n] is n bars before. A mean is the sum from left to right,
divided by how many there are. Where a value follows from a window alone, it is computed from that window in the order of its bars, without sums
that are carried along; where it continues from the value before, it is carried as numbers.

So the promise of bars and EMAs holds here too: bars that are taken in one by one, or in any division, with the state written down and read back
between, give the values of one pass over everything, **bit for bit**. With prices and volumes from 1e-100 to 1e100 every value is finite.

Names are the kind and its numbers: \`rsi_21\`, \`macd_12_26_9\`, \`bbands_20_2.5\`. Every indicator has one name: numbers are written without needless
zeros. Further outputs have a dot and their own name: \`macd_12_26_9.signal\`.

Checked against TA-Lib 0.8.1, on 3,000 generated bars and, where they are there, 3,952 real days of BTC: all that it has agree to 1e-11
(\`macd\` from bar 500 on, because TA-Lib begins its fast EMA later).

## Computing them

\`\`\`ts
import { advanceIndicator, barColumnsOf, computeIndicators, parseIndicator, previewIndicator } from 'barwright/domain';

const bars = barColumnsOf(rows); // rows of { open, high, low, close, volume }; the columns of daily bars fit as they are
const rsi = parseIndicator('rsi_14');

// All at once: a Float64Array for each output, by its name.
const columns = computeIndicators([rsi, parseIndicator('macd_12_26_9')], bars);

// Or from a state: Float64Array of numbers, to be kept wherever numbers can be.
let { state, values } = advanceIndicator(rsi, null, bars);
({ state, values } = advanceIndicator(rsi, state, newBars)); // values of the new bars
const [now] = previewIndicator(rsi, state, openBar); // as if the open bar closed now; the state stays as it is
\`\`\`

A whole example is in [the examples](examples.md#indicators-of-bars-at-once-and-bar-by-bar-without-a-database). Each function is described in [the API](api.md).

A state is \`[version, bars taken in, the kind's own numbers, then the bars that are still looked back at, field by field]\`. A state of another version or
of a wrong length is refused with a sentence that names it: then the series is rebuilt. Which indicator a state is of, the numbers do not say: keep it under
the indicator's name.`;

const TAIL = `## Your own

The warehouse takes [a file of yours](../tasks/own-indicators.md). In the library an indicator is an object of the type \`IndicatorKind\`. The built-in ones are one file each in
[src/domain/indicators](../../src/domain/indicators), for example [atr.ts](../../src/domain/indicators/volatility/atr.ts) with a state and
[sma.ts](../../src/domain/indicators/averages/sma.ts) with a window. \`parseIndicator(name, [...INDICATOR_KINDS, mine])\` knows yours as well, and everything above
holds for it when its \`step\` reads no more than the fields and bars that it declares. To add one to barwright: [CONTRIBUTING.md](../../CONTRIBUTING.md).`;

/** The bars, counted from 1, at which the outputs of a kind begin with its usual numbers. */
function firstBarsOf(kind: IndicatorKind): string {
  const { outputs } = parseIndicator(usualNameOf(kind));
  return outputs.map(({ firstAt }) => firstAt + 1).join(', ');
}

function outputsOf({ outputs }: IndicatorKind): string {
  return outputs.map(({ name }) => (name === '' ? 'itself' : `\`.${name}\``)).join(', ');
}

function formatTable(): string {
  const rows = INDICATOR_KINDS.map((kind) => {
    const { lookback } = parseIndicator(usualNameOf(kind));
    return `| [\`${usualNameOf(kind)}\`](#${kind.name}) | ${kind.title} | ${outputsOf(kind)} | ${firstBarsOf(kind)} | ${kind.fields.join(', ')} | ${kind.state.length} + ${lookback} × ${kind.fields.length} |`;
  });
  return [
    '## All of them',
    '',
    'With their usual numbers. *First at*: the bar of a series, counted from 1, that has the first value, by output. *State*: its own numbers + bars looked back at × fields.',
    '',
    '| name | | outputs | first at | reads | state |',
    '|---|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function formatParameter({ name, usual, least, most, isWhole }: IndicatorParameter): string {
  return `${name} ${usual} (${isWhole ? '' : 'up to two decimals, '}${least} to ${most})`;
}

function formatDefinition(kind: IndicatorKind): string {
  const parameters =
    kind.parameters.length === 0
      ? 'No numbers.'
      : `Numbers: ${kind.parameters.map(formatParameter).join(', ')}.`;
  const state = kind.state.length === 0 ? '' : ` State: ${kind.state.join(', ')}.`;
  const source = kind.source === undefined ? '' : `\n\nSource: ${kind.source}.`;
  return `### ${kind.name}\n\n${kind.title}. ${kind.definition}\n\n${parameters}${state} Version ${kind.version}.${source}`;
}

/** The whole document. */
export function makeIndicators(): string {
  const definitions = ['## Definitions', ...INDICATOR_KINDS.map(formatDefinition)].join('\n\n');
  return `${[HEAD, formatTable(), definitions, TAIL].join('\n\n')}\n`;
}
