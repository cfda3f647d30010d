import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** They take a minute and more each: begun last, one of them would run on alone. */
const LONGEST = [
  'laws/model.test.ts',
  'e2e/telling-alerts.test.ts',
  'laws/model-processes.test.ts',
  'faults/nth-statement-emas.test.ts',
  'faults/kill-loop.test.ts',
  'faults/nth-statement-bars.test.ts',
  'e2e/distributed.test.ts',
  'faults/lock-wait.test.ts',
  'faults/killed-processes.test.ts',
  'faults/half-open.test.ts',
  'e2e/golden.test.ts',
  'faults/leases.test.ts',
  'laws/late-write-after-every-statement.test.ts',
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

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    // One more than the two processors that there should be: many tests wait for a server or for a time to be over.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    reporters: ['default'],
  },
});
