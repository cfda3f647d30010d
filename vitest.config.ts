import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { PLANS } from './test/support/plans/plans.js';

/** They take a minute and more each: begun last, one of them would run on alone. */
const LONGEST = [
  'laws/model.test.ts',
  'test/pages.test.ts',
  'test/examples.test.ts',
  'faults/nth-statement-bars.test.ts',
  'faults/nth-statement-emas.test.ts',
  'e2e/mornings.test.ts',
  'e2e/distributed.test.ts',
  'laws/model-processes.test.ts',
  'laws/late-write-after-every-statement.test.ts',
  'e2e/golden.test.ts',
  'e2e/backup.test.ts',
  'e2e/export-again.test.ts',
  'faults/kill-loop.test.ts',
  'e2e/scenarios-interruptions.test.ts',
  'faults/lock-wait.test.ts',
  'faults/killed-processes.test.ts',
  'faults/half-open.test.ts',
  'e2e/splits.test.ts',
  'laws/interleavings.test.ts',
  'faults/total-loss.test.ts',
  'faults/unreadable-values.test.ts',
  'faults/rewound-lease.test.ts',
  'calendars/exchange-table.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return place < 0 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

const INCLUDE = ['src/**/*.test.ts', 'test/**/*.test.ts'];
/** They see no clock, no environment and no process (test/tidy.test.ts), so a hundred of them can share one. */
const PURE = ['src/domain/**/*.test.ts'];
/** What every project has; the server is the root's, and they share it. */
const PROJECT = {
  pool: 'forks',
  // Twice the two processors that there should be: with three workers a third of their time was idle, since many tests
  // wait for a server or for a time to be over.
  // A project does not have the root's: it would run its files one after another on two processors.
  maxWorkers: 4,
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const;

/** What is run again on a server that answers by other plans; see test/support/plans. */
const AGAIN = {
  short: {
    files: ['components-append-equals-rebuild', 'components-take-away', 'model', 'verify-after-any-build'],
    env: { BARWRIGHT_TEST_MODEL: '2', BARWRIGHT_TEST_HISTORIES: '3' },
  },
  long: {
    files: ['components-*', 'headers-of-states', 'model', 'model-processes', 'states-*', 'verify-*'],
    env: { BARWRIGHT_TEST_MODEL: '200', BARWRIGHT_TEST_HISTORIES: '50' },
  },
} as const;

/** Those of `npm test`, besides two of the others: by the seed of the run, so that every plan comes up now and then. */
const ALWAYS = ['no statistics', 'rows in any order'];

function plansOf(length: keyof typeof AGAIN): string[] {
  const plans = Object.keys(PLANS).filter((plan) => plan !== 'usual');
  if (length === 'long') return plans;
  const others = plans.filter((plan) => !ALWAYS.includes(plan));
  const seed = Number(process.env.BARWRIGHT_TEST_SEED ?? 0);
  const first = seed % others.length;
  const second = (first + 1 + (Math.floor(seed / others.length) % (others.length - 1))) % others.length;
  return [...ALWAYS, ...[first, second].flatMap((at) => others.slice(at, at + 1))];
}

const USUAL = [
  { extends: false as const, test: { ...PROJECT, name: 'pure', include: PURE, isolate: false } },
  {
    extends: false as const,
    test: { ...PROJECT, name: 'usual', include: INCLUDE, exclude: [...configDefaults.exclude, ...PURE] },
  },
];

/** One project a plan where a whole run asks for them (BARWRIGHT_TEST_PLANS: short or long); a file alone runs as usual. */
function projectsOf(length: string | undefined) {
  if (length === undefined) return USUAL;
  if (length !== 'short' && length !== 'long')
    throw new Error(`BARWRIGHT_TEST_PLANS expects short or long, got "${length}"`);
  const { files, env } = AGAIN[length];
  return [
    ...(length === 'short' ? USUAL : []),
    ...plansOf(length).map((plan) => ({
      extends: false as const,
      test: {
        ...PROJECT,
        name: plan,
        include: files.map((file) => `test/laws/${file}.test.ts`),
        env: { ...env, BARWRIGHT_TEST_PLAN: plan },
      },
    })),
  ];
}

export default defineConfig({
  test: {
    projects: projectsOf(process.env.BARWRIGHT_TEST_PLANS),
    globalSetup: ['test/support/global-setup.ts'],
    ...PROJECT,
    sequence: { sequencer: LongestFirst },
    teardownTimeout: 30_000,
    reporters: ['default'],
  },
});
