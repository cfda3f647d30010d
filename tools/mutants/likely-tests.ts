/** Which tests are likely to notice a mutant: the one beside its file, those that are named like it, those that import it. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsOf, parseSource } from '../../test/support/house/source-file.js';
import type { Mutant, MutatedLayer } from './mutant.js';

/** Tests of a layer's whole, asked when the likely ones have passed. */
const WIDE: Readonly<Record<MutatedLayer, readonly string[]>> = {
  domain: [
    'laws/bars-append',
    'laws/emas-append',
    'laws/components-append',
    'laws/validation-',
    'laws/model.',
    'e2e/golden',
  ],
  storage: [
    'laws/components-',
    'laws/model.',
    'laws/verify-finds',
    'e2e/scenarios-changes',
    'e2e/backup.',
    'e2e/runs-',
    'e2e/commands-',
    'e2e/lagging',
    'faults/leases',
  ],
  components: [
    'laws/components-',
    'laws/model.',
    'laws/verify-finds',
    'laws/states-',
    'laws/kept-',
    'e2e/ingest-command',
    'e2e/ingest-refusals',
    'e2e/verify-command',
  ],
  orchestration: [
    'e2e/scenarios-',
    'e2e/runs-',
    'e2e/contract',
    'e2e/telling-',
    'e2e/commands-',
    'e2e/distributed',
    'e2e/lateness',
    'e2e/quarantine',
    'e2e/circuit',
  ],
  cli: [
    'e2e/help',
    'e2e/scenarios-command',
    'e2e/commands-',
    'e2e/contract',
    'e2e/config-file',
    'e2e/ingest-command',
    'e2e/verify-command',
    'e2e/selections',
    'e2e/runs-',
  ],
  web: ['e2e/serve-', 'e2e/report-command', 'faults/dashboard'],
  sql: [
    'e2e/bar-view',
    'e2e/ema-',
    'e2e/lagging',
    'e2e/schema-objects',
    'e2e/validation',
    'e2e/commands-tracking',
    'faults/changes-without',
    'laws/model.',
  ],
};
/** What no test of these says about a mutant: they read the text of the checkout, or take very long. */
const NEVER =
  /^test\/(?:tidy|docs|documents|mutations|mutants|reliability|patterns|deploy|examples|package|web|e2e\/(?:container|four-servers|scale|citus|mornings|ingest-large))/;
const DISTANCES = 12;
/** What asks for the server of the run imports it. */
const SERVER_MODULE = 'test/support/server.ts';

export class LikelyTests {
  readonly #distances = new Map<string, Map<string, number>>();
  readonly #texts = new Map<string, string>();
  /** How many mutants each test file has caught so far. */
  readonly #catches = new Map<string, number>();

  constructor(root: string) {
    const tests = globSync(['src/**/*.test.ts', 'test/**/*.test.ts'], { cwd: root })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => !NEVER.test(path) && !path.startsWith('src/web/page/'));
    const imports = readImports(root, tests);
    for (const test of tests.sort()) {
      this.#texts.set(test, readFileSync(join(root, test), 'utf8'));
      this.#distances.set(test, distancesFrom(test, imports));
    }
  }

  /** The most likely ones, best first; then those of the layer as a whole that are not among them. */
  rank(mutant: Mutant, count: number): { likely: string[]; wide: string[] } {
    const scored = [...this.#texts.keys()].map((test) => ({ test, score: this.#score(test, mutant) }));
    const likely = scored
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score - a.score)
      .slice(0, count)
      .map(({ test }) => test);
    const wide = [...this.#texts.keys()].filter(
      (test) =>
        !likely.includes(test) && WIDE[mutant.layer].some((start) => test.startsWith(`test/${start}`)),
    );
    return { likely, wide };
  }

  /** Whether a test file asks for a database; the others need no server. */
  needsServer(test: string): boolean {
    return /^test\/(?:e2e|faults)\//.test(test) || this.#distances.get(test)?.has(SERVER_MODULE) !== false;
  }

  noteCatch(test: string): void {
    this.#catches.set(test, (this.#catches.get(test) ?? 0) + 1);
  }

  #score(test: string, { file, object }: Mutant): number {
    if (test === file.replace(/\.ts$/, '.test.ts')) return 1000;
    const shared = wordsOf(test).filter((word) => wordsOf(file).includes(word)).length;
    const named = object === null ? 0 : (this.#texts.get(test)?.split(object).length ?? 1) - 1;
    const distance = this.#distances.get(test)?.get(file);
    // Of two tests as near as each other the one that imports less says more.
    const near =
      distance === undefined ? 0 : 60 / distance ** 2 + 20 / (this.#distances.get(test)?.size ?? 1);
    return near + shared * 8 + Math.min(named, 20) * 4 + Math.min(this.#catches.get(test) ?? 0, 4);
  }
}

/** Words of a path: "ema-views.test.ts" has ema and view. */
function wordsOf(path: string): string[] {
  const words = path.replace(/^(?:src|test)\/\w+\//, '').split(/[^a-z]+/);
  return words.map((word) => word.replace(/s$/, '')).filter((word) => word.length > 2 && word !== 'test');
}

function readImports(root: string, tests: readonly string[]): Map<string, string[]> {
  const imports = new Map<string, string[]>();
  const waiting = [...tests];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (imports.has(path)) continue;
    const targets = targetsOf(root, path);
    imports.set(path, targets);
    waiting.push(...targets);
  }
  return imports;
}

function targetsOf(root: string, path: string): string[] {
  try {
    const file = parseSource(path, readFileSync(join(root, path), 'utf8'));
    return importsOf(file).flatMap(({ target }) => (target === null ? [] : [target]));
  } catch {
    // Not TypeScript, such as a page's style.
    return [];
  }
}

/** How many imports lead from a test to each file that it reaches. */
function distancesFrom(test: string, imports: ReadonlyMap<string, string[]>): Map<string, number> {
  const distances = new Map([[test, 0]]);
  let frontier = [test];
  for (let distance = 1; distance <= DISTANCES && frontier.length > 0; distance += 1) {
    frontier = frontier.flatMap((path) => imports.get(path) ?? []).filter((path) => !distances.has(path));
    for (const path of frontier) distances.set(path, distance);
  }
  return distances;
}
