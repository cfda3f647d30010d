/**
 * npm run test:mutants: draws mutants with a seed and runs the tests that are likely to notice each. Prints every one,
 * and the score of each layer. See docs/contributing/testing.md.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { randomOf } from '../../test/support/histories.js';
import { startOwnServer } from '../../test/support/own-server.js';
import { TEST_SERVER_SETTINGS } from '../../test/support/server.js';
import { draw, type Equivalent, listMutants, reasonOfEquivalence } from './candidates.js';
import { CheckoutCopy } from './checkout-copy.js';
import { Judge, type Verdict } from './judge.js';
import { LikelyTests } from './likely-tests.js';
import { describeMutant, MUTATED, type Mutant, type MutatedLayer } from './mutant.js';
import { type Score, scoreLines, writeScores } from './scores.js';

const ROOT = resolve(import.meta.dirname, '../..');
const EQUIVALENTS = join(ROOT, 'test/mutants-equivalent.json');

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    count: { type: 'string', default: '50' },
    room: { type: 'string', multiple: true },
    minutes: { type: 'string', default: '600' },
    write: { type: 'boolean', default: false },
  },
});

function chosenLayers(): MutatedLayer[] {
  const rooms = values.room ?? MUTATED;
  for (const room of rooms)
    if (!MUTATED.some((layer) => layer === room))
      throw new Error(`--room expects one of ${MUTATED.join(', ')}, got "${room}"`);
  return MUTATED.filter((layer) => rooms.includes(layer));
}

async function main(): Promise<void> {
  const layers = chosenLayers();
  const mutants = listMutants(ROOT, layers);
  const equivalents: Equivalent[] = JSON.parse(readFileSync(EQUIVALENTS, 'utf8'));
  console.log(
    `[INFO] seed ${values.seed}; ${mutants.length} mutants of ${layers.join(', ')}, ${values.count} are drawn`,
  );
  const server = await startOwnServer(TEST_SERVER_SETTINGS);
  const copy = new CheckoutCopy(ROOT);
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      copy.remove();
      void server.remove().finally(() => process.exit(130));
    });
  try {
    const env = { BARWRIGHT_TEST_DB_URL: server.url };
    const judge = new Judge({ copy, tests: new LikelyTests(ROOT), env });
    const scores = await judgeAll({ mutants, equivalents, judge });
    for (const line of scoreLines(scores)) console.log(line);
    if (values.write)
      writeScores(ROOT, scores, { seed: Number(values.seed), day: new Date().toISOString().slice(0, 10) });
    process.exitCode = scores.every(({ survivors }) => survivors.length === 0) ? 0 : 1;
  } finally {
    copy.remove();
    await server.remove();
  }
}

async function judgeAll({
  mutants,
  equivalents,
  judge,
}: {
  mutants: readonly Mutant[];
  equivalents: readonly Equivalent[];
  judge: Judge;
}): Promise<Score[]> {
  const scores = new Map<MutatedLayer, Score>();
  const deadline = performance.now() + Number(values.minutes) * 60_000;
  let judged = 0;
  for (const mutant of draw(mutants, randomOf(Number(values.seed)))) {
    if (judged === Number(values.count) || performance.now() > deadline) break;
    const score = scores.get(mutant.layer) ?? {
      layer: mutant.layer,
      caught: 0,
      equivalents: 0,
      survivors: [],
    };
    scores.set(mutant.layer, score);
    if (reasonOfEquivalence(mutant, equivalents) !== null) {
      score.equivalents += 1;
      continue;
    }
    const verdict = await judge.judge(mutant);
    if (verdict.kind === 'not typed') continue;
    judged += 1;
    if (verdict.kind === 'caught') score.caught += 1;
    else score.survivors.push(describeMutant(mutant));
    console.log(lineOf(mutant, verdict));
  }
  return MUTATED.flatMap((layer) => scores.get(layer) ?? []);
}

function lineOf(mutant: Mutant, verdict: Verdict): string {
  const what = describeMutant(mutant);
  if (verdict.kind === 'caught') return `[OK] ${what}\n    caught by ${verdict.by}`;
  return `[FAILED] ${what}\n    no test failed: ${mutant.text}`;
}

await main();
