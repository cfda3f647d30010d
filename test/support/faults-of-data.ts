/** Faults of what comes in or goes out: prices, files, schemas, secrets, poolers, backups. */
import type { Fault } from './fault.js';

const FAILURES = 'test/e2e/scenarios-failures.test.ts';
const CHANGES = 'test/e2e/scenarios-changes.test.ts';
const BACKUP = 'test/e2e/backup.test.ts';
const REFUSED = 'test/e2e/backup-refused.test.ts';
const OWN = 'test/faults/own-indicators.test.ts';
const SCHEMA = 'test/faults/source-and-schema.test.ts';
const RUNS = 'test/e2e/runs-resume.test.ts';
const CSV = 'src/components/ingest/files';

export const FAULTS_OF_DATA: readonly Fault[] = [
  {
    fault: 'prices that no market has: NaN, infinite, negative, zero, high below low, NULL, two rows a day',
    behaviour: 'repaired or refused by rule, row by row, with the values as given on record',
    tests: [
      'src/domain/prices/price.test.ts > refused rows, with the first reason that applies',
      'src/domain/prices/price.test.ts > repairs, in the order of semantics.md',
      'src/domain/prices/price.test.ts > two rows of one day',
      'src/domain/prices/price.test.ts > whatever is given: accepted bars are sound and dense',
      `${CHANGES} > a gap that is filled late, and a second row of a day`,
    ],
  },
  {
    fault: 'CSV files: BOM, CRLF, cut off, another header, text in a number, two files for a day, very large',
    behaviour:
      'one error with file and line and nothing stored, or the good rows when asked; memory is bounded',
    tests: [
      `${CSV}/bad-lines.test.ts > stops the file with its line and stores nothing`,
      `${CSV}/bad-lines.test.ts > is noticed wherever the last line is cut`,
      `${CSV}/bad-lines.test.ts > of very many is counted, and named only at first`,
      `src/components/ingest/read/bytes/lines.test.ts > BOM, CRLF and blank lines make no difference`,
      `test/e2e/ingest-refusals.test.ts > half a gzip file`,
      `${CSV}/ingest-file.test.ts > of two files for one day the last wins`,
      `${CSV}/any-file.test.ts > 200,000 lines are read in batches of bounded size`,
    ],
  },
  {
    fault: 'a source that is empty or has shrunk',
    behaviour: 'many days gone: the asset is left alone and named until it is accepted; a few are replayed',
    tests: [
      `${SCHEMA} > the source: all rows of all assets are gone`,
      `${FAILURES} > a source that has lost every day of an asset`,
      `${CHANGES} > scenario 18: a day at or before the watermark that is `,
    ],
  },
  {
    fault: 'rows that are twice in a source, and corrections that keep every sum',
    behaviour: 'the rows are named, and every correction of them is found by the next run',
    tests: [
      'test/faults/fingerprints.test.ts > times is named, and its correction is found',
      'test/faults/fingerprints.test.ts > two rows change places in one column: it is found',
      'test/faults/fingerprints.test.ts > compared once, rewritten, nothing is repaired',
    ],
  },
  {
    fault: 'a value that no double and no day can hold, a view that fails for one asset',
    behaviour: 'that asset fails, with column, day and reason; every other asset is refreshed',
    tests: [
      'test/faults/unreadable-values.test.ts > costs its asset, by name',
      'test/faults/unreadable-values.test.ts > a date BC in our own table, beside prices that were taken in',
    ],
  },
  {
    fault: 'what is stored is lost, as a whole or in part',
    behaviour:
      'verify finds every day that the source has and the store lacks; what was never built, or failed, is named',
    tests: [
      'test/faults/total-loss.test.ts > everything of an asset, and everything of all',
      'test/faults/total-loss.test.ts > the assets too: those of the source are named',
      'test/faults/total-loss.test.ts > : with and without the source, until a refresh has built them again',
      'test/faults/total-loss.test.ts > one series, with its rows and its part of the state',
      'test/faults/total-loss.test.ts > the list of what was built: its loss is seen, and restored from what is there',
      'test/faults/total-loss.test.ts > what was never built is no loss: named, and exit 0',
      'test/faults/total-loss.test.ts > the newest days with the state that says how far they went',
      'test/faults/total-loss.test.ts > a flag of a 1D bar: with and without the source',
      'test/faults/total-loss.test.ts > an asset whose newest work failed is named',
    ],
  },
  {
    fault:
      'prices that change without a note of change: ALTER TABLE, a replica, a subscription, a switched-off trigger',
    behaviour:
      'found by the next run where the server reports it, and within seven days elsewhere: a seventh of the assets is compared with its source each day',
    tests: [
      'test/faults/changes-without-notes.test.ts > as a replica: the triggers fire all the same',
      'test/faults/changes-without-notes.test.ts > rewrites every row, with the type that it had: the next run compares all',
      'test/faults/changes-without-notes.test.ts > with a trigger that was off for a moment: found within seven days',
      'test/e2e/serve-freshness.test.ts > says of each asset when its source was last compared',
      'test/faults/changes-without-notes.test.ts > a second run of a day proves no more than the first',
      'test/faults/changes-without-notes.test.ts > through a subscription: every run compares',
    ],
  },
  {
    fault: 'a column of the source is missing or has another type',
    behaviour: 'one clear error before any write, with the command to type',
    tests: [
      `${SCHEMA} > the source: `,
      'src/storage/source/source.test.ts > missing and unsuitable columns are named at once',
    ],
  },
  {
    fault: 'our schema is older, newer, or made with another text',
    behaviour: 'one clear error before any write, with the command to type',
    tests: [
      `${SCHEMA} > older: every command stops with the command to type`,
      `${SCHEMA} > made with another text: refused`,
      'test/e2e/scenarios-databases.test.ts > a schema that is newer than the program stops a run',
    ],
  },
  {
    fault: 'an asset that cannot be refreshed',
    behaviour: 'it fails by name, with the reason; the others are done',
    tests: [
      `${FAILURES} > scenario 10: one asset is poisoned`,
      'test/laws/components-isolate-assets.test.ts > 825 poisoned in ',
      'test/laws/components-isolate-assets.test.ts > poisoned while appending in a batch of three',
      `${RUNS} > retry: the failed asset alone`,
    ],
  },
  {
    fault: 'secrets',
    behaviour:
      'hidden in URLs, errors, output and pages, also percent-encoded; never an argument of a process of ours',
    tests: [
      'test/e2e/scenarios-secrets.test.ts > scenario 12: where it works',
      'test/e2e/scenarios-secrets.test.ts > scenario 12: where it does not work',
      'src/storage/settings/secrets.test.ts > secrets that are known',
      'src/storage/settings/secrets.test.ts > a generated password is in no text that leaves',
      'src/storage/settings/secrets.test.ts > a password that somebody put into the user name is known from then on',
      'src/orchestration/program/secrets.test.ts > createHide',
      'test/e2e/reporting-alerts.test.ts > the canary: password and token are in no output',
    ],
  },
  {
    fault: 'pgbouncer in transaction mode',
    behaviour: 'everything works: no state of a session is relied on between transactions',
    tests: [
      { test: 'test/faults/pgbouncer.test.ts > init, ingest, refresh with two workers', needs: 'pgbouncer' },
      { test: 'test/faults/pgbouncer.test.ts > a distributed run', needs: 'pgbouncer' },
      { test: 'test/faults/pgbouncer.test.ts > backup and restore', needs: 'pgbouncer' },
    ],
  },
  {
    fault: 'a backup that is damaged, foreign, or of another version',
    behaviour: 'one clear error, nothing is changed; restored is what reads back equal to the byte',
    tests: [
      `${REFUSED} > a flipped bit anywhere in any file`,
      `${REFUSED} > a file that is cut off, missing, or the one of another table`,
      `${REFUSED} > another format, and a schema that this barwright does not know`,
      `${BACKUP} > has whole assets only; restored, verify is equal`,
    ],
  },
  {
    fault: 'the next PostgreSQL',
    behaviour:
      'its data directory is refused with the commands to type; a backup of one version restores on another',
    tests: [
      'src/storage/embedded/embedded.test.ts > a database of another PostgreSQL version is refused',
      `${BACKUP} > restored into a database with nothing in it`,
      `${BACKUP} > the next refresh of the restored one writes 0 rows`,
    ],
  },
  {
    fault: 'an indicator of the user that throws, gives no number, never ends or takes all memory',
    behaviour:
      'its series end at that bar or wait for the next run, by name; all other series and the run are as always',
    tests: [
      `${OWN} > its series end there, by name, and all others are as always`,
      `${OWN} > an endless loop is ended, and the run that follows a repaired file`,
      `${OWN} > without end are stopped by the limit of memory`,
      `${OWN} > one that ends its thread ends nothing else`,
      'test/e2e/own-indicators.test.ts > when it can be used again, everything is made up for',
    ],
  },
];
