/** Whether some test notices a mutant. */
import { type CheckoutCopy, needsBuild, type TestRun } from './checkout-copy.js';
import type { LikelyTests } from './likely-tests.js';
import type { Mutant } from './mutant.js';

const LIKELY = 12;
/** How many files are run at once, nearest first: a mutant that the first one catches costs one file. */
const BATCHES = [1, 3, LIKELY];
const FILE_TIMEOUT_MS = 120_000;
/** Enough sequences to meet most rules, without looking for a small one. */
const COUNTS = {
  BARWRIGHT_TEST_MODEL: '15',
  BARWRIGHT_TEST_HISTORIES: '5',
  BARWRIGHT_TEST_SHRINK: '0',
  BARWRIGHT_TEST_SEED: '1',
};

export type Verdict =
  | { kind: 'caught'; by: string }
  | { kind: 'survived'; files: number }
  /** Its types are wrong, so it is no program. */
  | { kind: 'not typed' };

/** The mutant that is judged, and the text of its file without it. */
interface Places {
  mutant: Mutant;
  original: string;
}

export class Judge {
  readonly #copy: CheckoutCopy;
  readonly #tests: LikelyTests;
  readonly #env: Readonly<Record<string, string>>;
  /** Test files that pass, and those that fail, where nothing is broken. */
  readonly #sound = new Map<string, boolean>();
  /** Whether the program of the copy is that of its sources. */
  #isBuilt = false;

  constructor({ copy, tests, env }: { copy: CheckoutCopy; tests: LikelyTests; env: Record<string, string> }) {
    this.#copy = copy;
    this.#tests = tests;
    this.#env = { ...COUNTS, ...env };
  }

  /** Puts the mutant into the copy, runs the tests, and takes it out again. */
  async judge(mutant: Mutant): Promise<Verdict> {
    const text = this.#copy.read(mutant.file);
    this.#copy.write(mutant.file, text.slice(0, mutant.start) + mutant.replacement + text.slice(mutant.end));
    this.#isBuilt = false;
    try {
      if (mutant.layer !== 'sql' && !this.#copy.isTyped()) return { kind: 'not typed' };
      return await this.#runTests(mutant, text);
    } finally {
      this.#copy.write(mutant.file, text);
      this.#isBuilt = false;
    }
  }

  async #runTests(mutant: Mutant, original: string): Promise<Verdict> {
    const { likely, wide } = this.#tests.rank(mutant, LIKELY);
    const nearest = BATCHES.map((end, at) => likely.slice(BATCHES[at - 1] ?? 0, end));
    const batches = [...nearest, wide];
    for (const batch of batches) {
      const by = await this.#findCatch(batch, { mutant, original });
      if (by !== null) return { kind: 'caught', by };
    }
    return { kind: 'survived', files: likely.length + wide.length };
  }

  /** The test of these files that notices; a failure that does not come again, or comes without the mutant, is none. */
  async #findCatch(batch: readonly string[], places: Places): Promise<string | null> {
    let files = batch.filter((file) => this.#sound.get(file) !== false);
    while (files.length > 0) {
      const { failed, isTimeout } = await this.#run(files);
      if (failed === null) return null;
      // Which of them is stopped is not known.
      if (isTimeout && files.length > 1) return this.#findOneByOne(files, places);
      const isSure =
        !this.#tests.needsServer(failed.file) || (await this.#run([failed.file])).failed !== null;
      if (isSure && (await this.#isSound(failed.file, places))) {
        this.#tests.noteCatch(failed.file);
        return `${failed.file} "${failed.test}"`;
      }
      files = files.filter((file) => file !== failed.file);
    }
    return null;
  }

  async #findOneByOne(files: readonly string[], places: Places): Promise<string | null> {
    for (const file of files) {
      const by = await this.#findCatch([file], places);
      if (by !== null) return by;
    }
    return null;
  }

  async #run(files: readonly string[]): Promise<TestRun> {
    if (files.some(needsBuild) && !this.#isBuilt) {
      if (!this.#copy.build())
        return { failed: { file: files[0] ?? '', test: 'cannot be built' }, isTimeout: false };
      this.#isBuilt = true;
    }
    return this.#copy.test(files, this.#optionsFor(files));
  }

  #optionsFor(files: readonly string[]) {
    const server = files.some((file) => this.#tests.needsServer(file))
      ? {}
      : { BARWRIGHT_TEST_DB_URL: 'none' };
    return { timeoutMs: FILE_TIMEOUT_MS * (1 + files.length / 3), env: { ...this.#env, ...server } };
  }

  /** Whether a test file passes where nothing is broken: what fails anyway has caught nothing. */
  async #isSound(file: string, { mutant, original }: Places): Promise<boolean> {
    const known = this.#sound.get(file);
    if (known !== undefined) return known;
    const mutated = this.#copy.read(mutant.file);
    this.#copy.write(mutant.file, original);
    if (needsBuild(file)) this.#copy.build();
    this.#isBuilt = false;
    const { failed } = await this.#copy.test([file], this.#optionsFor([file]));
    this.#copy.write(mutant.file, mutated);
    this.#sound.set(file, failed === null);
    return failed === null;
  }
}
