/** The law "fail at the N-th statement", for one component. */
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import type { AssetOutcome } from '../../src/domain/planning/outcome.js';
import { RETRY_POLICY, type RetryPolicy } from '../../src/storage/failures/retry.js';
import { type Database, openDatabase } from '../../src/storage/session/database.js';
import { execute, runBars, runEmas } from './component-runs.js';
import { type Fingerprints, readContents } from './contents.js';
import { createTestDatabase, type TestDatabase } from './database.js';
import { breakAt, failAt, SERVER_ERRORS } from './nth-statement.js';
import { writePrices } from './prices.js';
import { type DatabaseProxy, startProxy, type Verdict } from './proxy.js';
import { tally } from './tally.js';

const IDS = [1, 52];
const QUICK: RetryPolicy = { ...RETRY_POLICY, firstDelayMs: 1, longestDelayMs: 4 };
const ONCE: RetryPolicy = { ...QUICK, attempts: 1, lockAttempts: 1 };

/**
 * The component over both assets. A repair of EMAs goes alignment by alignment with the same statements: of one family,
 * which has two, every statement is met.
 */
const run = {
  bars: (database: Database, retry: RetryPolicy = QUICK) => runBars(database, { ids: IDS, retry }),
  emas: (database: Database, retry: RetryPolicy = QUICK) =>
    runEmas(database, { ids: IDS, only: ['cal'], retry }),
} as const;
type Prepare = (database: Database) => Promise<unknown>;

/** Built, with nothing to do. */
const build: Prepare = async (database) => {
  await writePrices(database, { ids: IDS, days: 40, endsDaysAgo: 3 });
  await runBars(database, { ids: IDS });
  await runEmas(database, { ids: IDS });
};
const addDays: Prepare = (database) => writePrices(database, { ids: IDS, days: 2 });
const correctDays: Prepare = (database) =>
  execute(
    database,
    `update cmc_price_histories7 set close = (open + close) / 2
     where timestamp between now() - interval '18 days' and now() - interval '15 days'`,
  );

/** What is to be done, by component and action. */
const SCENARIOS = {
  bars: {
    append: [build, addDays],
    repair: [build, correctDays],
    rebuild: [(database) => writePrices(database, { ids: IDS, days: 40 })],
  },
  emas: {
    append: [build, addDays, (database) => runBars(database, { ids: IDS })],
    repair: [build, correctDays, (database) => runBars(database, { ids: IDS })],
    rebuild: [
      (database) => writePrices(database, { ids: IDS, days: 40 }),
      (database) => runBars(database, { ids: IDS }),
    ],
  },
} as const satisfies Record<keyof typeof run, Record<string, readonly Prepare[]>>;

/** Kinds of server errors, dealt out over the statements: every statement meets one, and every kind is met. */
const KINDS = Object.keys(SERVER_ERRORS) as (keyof typeof SERVER_ERRORS)[];
const kindOf = (at: number) => KINDS[at % KINDS.length] ?? 'cancelled';

type Component = keyof typeof run;

/** One scenario: the prepared database, what an undisturbed run makes of it, and where that run can be broken. */
interface Scenario {
  component: Component;
  action: string;
  proxy: DatabaseProxy;
  /** Name of the prepared database. */
  template: string;
  before: Fingerprints;
  after: Fingerprints;
  /** Statements of an undisturbed run at the wire; and how many those of its write transactions are. */
  points: readonly string[];
  statements: number;
}

/** A copy of the prepared database: by itself, and through the proxy. */
interface Copy {
  direct: TestDatabase;
  wired: Database;
  drop(): Promise<void>;
}

async function clone({ proxy, template }: Pick<Scenario, 'proxy' | 'template'>): Promise<Copy> {
  const direct = await createTestDatabase({ template });
  const url = new URL(proxy.url);
  url.pathname = new URL(direct.url).pathname;
  const wired = openDatabase(url.href, { retry: { policy: QUICK } });
  return {
    direct,
    wired,
    async drop() {
      proxy.onMessage(null);
      await wired.close();
      await direct.drop();
    },
  };
}

/** Runs the undisturbed one and counts. */
async function measure(
  parts: Pick<Scenario, 'component' | 'action' | 'proxy' | 'template'>,
): Promise<Scenario> {
  const { component, action, proxy } = parts;
  const calm = await clone(parts);
  const before = await readContents(calm.direct.database);
  const wire = breakAt(proxy, 0, 'forward');
  const counted = failAt(calm.wired, { at: 0, error: 'cancelled', isEach: false });
  expectDone(await run[component](counted.database, ONCE), action);
  const points = [...wire.seen];
  const after = await readContents(calm.direct.database);
  await calm.drop();
  const statements = counted.seen();
  console.log(
    `[INFO] ${component}, ${action}: ${points.length} points at the wire, ${statements} statements`,
  );
  expect(after).not.toEqual(before);
  expect(statements).toBeGreaterThan(5);
  expect(points.length).toBeGreaterThan(statements);
  return { ...parts, before, after, points, statements };
}

function expectDone(outcomes: ReadonlyMap<number, AssetOutcome>, action: string): void {
  expect(IDS.map((id) => [outcomes.get(id)?.status, outcomes.get(id)?.action])).toEqual(
    IDS.map(() => ['ok', action]),
  );
}

interface Breakage {
  at: number;
  sql: string;
  verdict: Verdict;
}

/** Every point cut before it arrives; every COMMIT also after it was done. */
function listBreaks(points: readonly string[]): Breakage[] {
  return points.flatMap((sql, index) => [
    { at: index + 1, sql, verdict: 'cut' as const },
    ...(sql === 'commit' ? [{ at: index + 1, sql, verdict: 'cut after answer' as const }] : []),
  ]);
}

/** Old, or new after a COMMIT whose answer was lost; then one more run. */
async function cutWithoutRetry(scenario: Scenario): Promise<void> {
  const { component, action, proxy, before, after, points } = scenario;
  let copy = await clone(scenario);
  let committed = 0;
  for (const { at, verdict, sql } of listBreaks(points)) {
    breakAt(proxy, at, verdict);
    const ending = await run[component](copy.wired, ONCE).then(
      () => 'done',
      () => 'lost',
    );
    proxy.onMessage(null);
    const now = await readContents(copy.direct.database);
    // What the component reads before its first transaction is read again by the database itself.
    const isNew = ending === 'done' || isDeepStrictEqual(now, after);
    expect(now, `${verdict} at ${at}, ${sql}: ${ending}`).toEqual(isNew ? after : before);
    if (!isNew) continue;
    if (ending === 'lost') {
      expect([sql, verdict]).toEqual(['commit', 'cut after answer']);
      committed += 1;
    }
    await copy.drop();
    copy = await clone(scenario);
  }
  tally('cuts', listBreaks(points).length);
  expect(committed).toBe(1);
  expectDone(await run[component](copy.wired, ONCE), action);
  expect(await readContents(copy.direct.database)).toEqual(after);
  await copy.drop();
}

/** Done, and nothing twice. */
async function cutWithRetry(scenario: Scenario): Promise<void> {
  const { component, action, proxy, after, points } = scenario;
  let answersLost = 0;
  for (const { at, verdict, sql } of listBreaks(points)) {
    const copy = await clone(scenario);
    breakAt(proxy, at, verdict);
    const outcomes = await run[component](copy.wired);
    expectDone(outcomes, action);
    for (const { reason, rowsWritten } of outcomes.values()) {
      expect(rowsWritten).toBeGreaterThan(0);
      if (reason.endsWith('(committed; the answer was lost)')) answersLost += 1;
    }
    expect(await readContents(copy.direct.database), `${verdict} at ${at}, ${sql}`).toEqual(after);
    await copy.drop();
  }
  tally('cuts', listBreaks(points).length);
  expect(answersLost).toBe(IDS.length);
}

/** At the N-th statement of every transaction that has so many: nobody gets by, everybody is as before. */
async function failEachTime(scenario: Scenario): Promise<void> {
  const { component, before, after, statements } = scenario;
  const copy = await clone(scenario);
  let fails = 0;
  for (let at = 1; at <= statements; at += 1) {
    const broken = failAt(copy.wired, { at, error: kindOf(at), isEach: true });
    const outcomes = await run[component](broken.database, ONCE);
    const isFailed = IDS.map((id) => outcomes.get(id)?.status === 'failed');
    // Some transactions are too short: alone, an asset takes fewer statements than a batch.
    if (isFailed.includes(false)) break;
    fails += 1;
    expect(await readContents(copy.direct.database), `${kindOf(at)} at ${at}`).toEqual(before);
  }
  tally('statements', fails);
  expect(fails).toBeGreaterThan(5);
  await run[component](copy.wired, ONCE);
  expect(await readContents(copy.direct.database)).toEqual(after);
  await copy.drop();
}

/** What passes is tried again, what does not is tried asset by asset: either way it is done. */
async function failOnce(scenario: Scenario): Promise<void> {
  const { component, action, after, statements } = scenario;
  for (let at = 1; at <= statements; at += 1) {
    const copy = await clone(scenario);
    const broken = failAt(copy.wired, { at, error: kindOf(at), isEach: false });
    expectDone(await run[component](broken.database), action);
    expect(broken.failures()).toBe(1);
    expect(await readContents(copy.direct.database), `${kindOf(at)} at ${at}`).toEqual(after);
    await copy.drop();
  }
  tally('statements', statements);
}

const TIMEOUT_MS = 600_000;

/** Registers the tests of one component. */
export function describeNthStatement(component: Component): void {
  describe.each(Object.entries<readonly Prepare[]>(SCENARIOS[component]))(
    `${component}, %s`,
    (action, prepare) => {
      let scenario: Scenario;

      beforeAll(async () => {
        const proxy = await startProxy(inject('adminUrl'));
        const prepared = await createTestDatabase();
        for (const step of prepare) await step(prepared.database);
        await prepared.database.close();
        scenario = await measure({
          ...{ component, action, proxy },
          template: new URL(prepared.url).pathname.slice(1),
        });
        return async () => {
          await proxy.close();
          await prepared.drop();
        };
      });

      test.each([
        [
          'the connection is cut at every point: old, or new after a COMMIT; then one more run',
          cutWithoutRetry,
        ],
        ['the connection is cut at every point, with the retry: done, and nothing twice', cutWithRetry],
        [
          'the server gives an error at every statement, each time: as it was; then one more run',
          failEachTime,
        ],
        ['the server gives an error at every statement, once: done', failOnce],
      ])('%s', (_what, law) => law(scenario), TIMEOUT_MS);
    },
  );
}
