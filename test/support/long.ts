/** How long tests take: short in `npm test`, long in `npm run test:long`; and the seed that repeats random ones. */

/** Number of runs of a test, of its histories or assets, or megabytes of its file: `usual`, or what BARWRIGHT_TEST_<name> says. */
export function runsOf(
  name:
    | 'MODEL'
    | 'HISTORIES'
    | 'PROCESSES'
    | 'KILLS'
    | 'ASSETS'
    | 'CSV_MB'
    | 'PARQUET_MB'
    | 'TRACES'
    | 'SOAK_SECONDS',
  usual: number,
): number {
  return Number(process.env[`BARWRIGHT_TEST_${name}`] ?? usual);
}

/** BARWRIGHT_TEST_SEED, else another one each time. */
export const SEED = Number(process.env.BARWRIGHT_TEST_SEED ?? Date.now() & 0x7fffffff);

/** A failure is made smaller unless BARWRIGHT_TEST_SHRINK=0 says that the first one will do. */
export const IS_SHRUNK = process.env.BARWRIGHT_TEST_SHRINK !== '0';
