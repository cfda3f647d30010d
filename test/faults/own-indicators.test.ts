/** What an indicator of the user's own does wrong costs its own series, by name: never another one, never the run. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configureModules, loadOwnKinds } from '../../src/storage/own-indicators/modules.js';
import { runBars, runIndicators } from '../support/component-runs.js';
import { createModuleFolder, moduleText } from '../support/own-modules.js';
import { keepTimeframes, listFindings, verify } from '../support/verify.js';
import { createWarehouse, type Warehouse } from '../support/warehouse.js';

const folder = createModuleFolder('own.mjs');
const IDS = [1, 6];
let warehouse: Warehouse;

beforeAll(async () => {
  warehouse = await createWarehouse({}, [{ ids: IDS, days: 60 }]);
  await keepTimeframes(warehouse.database);
  await warehouse.execute(`insert into dim_indicator values ('sma_3'), ('my_own')`);
  await runBars(warehouse.database, { ids: IDS });
});
afterAll(async () => {
  configureModules([]);
  await warehouse?.drop();
});

/** The module from now on, and a run with it: its warnings. */
async function runWith(text: string, status: 'ok' | 'failed' = 'ok'): Promise<string[]> {
  configureModules([folder.write('own.mjs', text)]);
  return run(status);
}

async function run(status: 'ok' | 'failed'): Promise<string[]> {
  const warnings: string[] = [];
  const outcomes = await runIndicators(warehouse.database, { ids: IDS }, (event) => {
    if (event.type === 'message') warnings.push(event.text);
  });
  for (const outcome of outcomes.values()) expect(outcome).toMatchObject({ status });
  return warnings;
}

/** Values of one series of an output, by bar. */
async function valuesOf(name: string, id = 1): Promise<(number | null)[]> {
  const rows = await warehouse.query<[number | null]>(
    `select value from indicators where id = $1 and alignment = 'multi_tf' and tf = '1D' and name = $2 order by day`,
    [id, name],
  );
  return rows.map(([value]) => value);
}

const sums = async () => [await valuesOf('sma_3', 1), await valuesOf('sma_3', 6)];

/** What a step does wrong at the 40th bar of asset 6, and how that is said. */
const FAULTS: Record<string, { step: string; said: string }> = {
  'it throws': { step: `throw new Error('no idea')`, said: 'no idea' },
  'it throws what is no error': { step: `throw 'words'`, said: 'words' },
  'it gives NaN': { step: 'return 0 / 0', said: 'step gave NaN for output 1, expected a finite number' },
  'it gives infinity': {
    step: 'return 1 / 0',
    said: 'step gave Infinity for output 1, expected a finite number',
  },
  'it gives nothing': { step: 'return', said: 'step gave undefined for output 1, expected a finite number' },
  'it gives a promise': {
    step: 'return Promise.resolve(1)',
    said: 'step gave a promise for output 1, expected a finite number',
  },
  'it gives too many values': { step: 'return [1, 2]', said: 'step gave 2 values, expected 1' },
  'its state is no number any more': {
    step: 'state[0] = NaN; return 1',
    said: '"sum" of its state became NaN',
  },
};

describe.each(Object.entries(FAULTS))('%s', (_title, { step, said }) => {
  test('its series end there, by name, and all others are as always', async () => {
    const warnings = await runWith(
      // Asset 6 has more than three times the prices of asset 1.
      moduleText(
        `state[0] += bars.close[0]; if (position === 39 && bars.close[0] > 400) { ${step} } return state[0];`,
        {
          more: `state: ['sum'],`,
        },
      ),
    );
    expect(warnings).toEqual([
      `my_own has no values from some bar on in 1 series of 1 asset, such as bar 40 of 1D (multi_tf) of ID 6: ${said}`,
    ]);
    expect((await valuesOf('my_own', 1)).length).toBe(60);
    expect((await valuesOf('my_own', 6)).length).toBe(39);
    expect((await sums()).map(({ length }) => length)).toEqual([58, 58]);
    // A rebuild stops at the same bar.
    expect(await listFindings(warehouse.database, { ids: IDS })).toEqual([]);
  });
});

/** A machine that is busy may not give it five seconds within a minute. */
const SLOW = '(it took more than 5 seconds of computing|it gave no answer for 60 seconds)';

test('an endless loop is ended, and the run that follows a repaired file has alwaysy value', async () => {
  const before = await valuesOf('my_own', 6);
  const warnings = await runWith(
    moduleText('if (position === 30) for (;;) { /* for ever */ } return 1;'),
    'failed',
  );
  // The rehearsal has sixty bars: it is found before any series.
  expect(warnings).toEqual([]);
  expect(loadOwnKinds().faults).toEqual([
    expect.stringMatching(new RegExp(`own\\.mjs cannot be used: ${SLOW}$`)),
  ]);
  // What is stored stays.
  expect(await valuesOf('my_own', 6)).toEqual(before);
  const late = await runWith(moduleText('if (bars.close[0] > 400) for (;;) { /* for ever */ } return 1;'));
  expect(late).toEqual([
    expect.stringMatching(
      new RegExp(`^my_own is not computed in \\d+ series of 1 asset: ${SLOW}; the next run tries again$`),
    ),
  ]);
  expect((await sums()).map(({ length }) => length)).toEqual([58, 58]);
  const { verdicts } = await verify(warehouse.database, { ids: IDS });
  expect(verdicts.flatMap(({ findings }) => findings)).toEqual([]);
  expect(await runWith(moduleText('return bars.close[0];'))).toEqual([]);
  expect((await valuesOf('my_own', 6)).length).toBe(60);
  expect(await listFindings(warehouse.database, { ids: IDS })).toEqual([]);
});

test.each([
  ['objects', 'const list = []; for (;;) list.push({ at: list.length });'],
  ['typed arrays', 'const list = []; for (;;) list.push(new Float64Array(1e6).fill(1));'],
])('%s without end are stopped by the limit of memory', async (_what, step) => {
  const warnings = await runWith(moduleText(`if (bars.close[0] > 400) { ${step} } return 1;`));
  expect(warnings).toEqual([
    expect.stringMatching(
      /^my_own is not computed in \d+ series of 1 asset: it took more than 256 MB of memory; /,
    ),
  ]);
  expect((await sums()).map(({ length }) => length)).toEqual([58, 58]);
});

test('one that ends its thread ends nothing else', async () => {
  const warnings = await runWith(moduleText('if (bars.close[0] > 400) process.exit(0); return 1;'));
  expect(warnings).toEqual([
    expect.stringMatching(/^my_own is not computed in \d+ series of 1 asset: it ended its thread; /),
  ]);
  expect((await sums()).map(({ length }) => length)).toEqual([58, 58]);
});

test('what it remembers elsewhere than in its state is found before it is used', async () => {
  const text = `let sum = 0;\n${moduleText('sum += bars.close[0]; return sum;')}`;
  configureModules([folder.write('own.mjs', text)]);
  expect(loadOwnKinds().faults).toEqual([
    expect.stringContaining(
      'it gives another value when it continues from its state; everything it remembers has to be',
    ),
  ]);
});

/** Files that are not what barwright expects, and what is said of them. */
const REFUSED: Record<string, { text: string; said: string }> = {
  'without the export': { text: 'export const other = 1;', said: 'it exports no "indicator"' },
  'that is no program': { text: 'export const indicator = {;', said: 'Unexpected token' },
  'with a name of barwright': {
    text: moduleText('return 1', { name: 'rsi' }),
    said: 'indicator.name: barwright has "rsi" already',
  },
  'with a name that is none': {
    text: moduleText('return 1', { name: 'My-Own' }),
    said: 'indicator.name: lower case words joined by "_" were expected',
  },
  'with a field that no bar has': {
    text: moduleText('return 1').replace(`'close'`, `'price'`),
    said: 'indicator.fields.0: Invalid option: expected one of "open"|"high"|"low"|"close"|"volume"',
  },
  'with a word too many': {
    text: moduleText('return 1', { more: 'lookBack: () => 3,' }),
    said: 'indicator: Unrecognized key: "lookBack"',
  },
  'with a number for a function': {
    text: moduleText('return 1', { more: 'lookback: 3,' }),
    said: 'indicator.lookback: a function was expected',
  },
  'that looks back by half a bar': {
    text: moduleText('return 1', { more: 'lookback: () => 0.5,' }),
    said: 'indicator.lookback: a whole number from 0 to 10000 was expected, it gave 0.5',
  },
  'that gives nothing on the first bars that it is tried on': {
    text: moduleText('return null'),
    said: 'tried on 60 bars, bar 1: step gave null for output 1',
  },
};

test.each(Object.entries(REFUSED))('a file %s is refused in one sentence', (_title, { text, said }) => {
  const path = folder.write('own.mjs', text);
  configureModules([path]);
  const { kinds, faults } = loadOwnKinds();
  expect(kinds).toEqual([]);
  expect(faults).toEqual([expect.stringContaining(`${path} cannot be used: ${said}`)]);
});
