/** Every fault that barwright promises to bear, and the tests that inject the real thing. docs/reference/reliability.md is made of it. */
import type { Fault } from './fault.js';
import { FAULTS_OF_DATA } from './faults-of-data.js';
import { FAULTS_OF_SERVERS } from './faults-of-servers.js';
import { FAULTS_OF_STRANGERS } from './faults-of-strangers.js';
import { FAULTS_OF_VARIATIONS } from './faults-of-variations.js';

const INTERRUPTIONS = 'test/e2e/scenarios-interruptions.test.ts';
const FAILURES = 'test/e2e/scenarios-failures.test.ts';
const DISTRIBUTED = 'test/e2e/distributed.test.ts';
const LOCKS = 'test/faults/lock-wait.test.ts';

/** In the order of the document. To add a proof: one line. */
export const FAULTS: readonly Fault[] = [
  {
    fault: 'the parent, a child or a worker is killed',
    behaviour: 'every asset is whole, old or new; nobody writes on; the next run finishes',
    tests: [
      `${INTERRUPTIONS} > kill -9 of the parent of`,
      `${INTERRUPTIONS} > kill -9 of one of two workers costs nothing`,
      `${INTERRUPTIONS} > a second signal ends the run at once`,
      `${FAILURES} > its process dies -> EMAs not run, summary, exit 1`,
      'test/faults/kill-loop.test.ts > every asset whole, nobody writes on, one more run equals an undisturbed one',
      'test/laws/model-processes.test.ts > after any sequence of writes, runs and kills',
      'test/laws/interleavings.test.ts > the program does what the machine says',
      'test/faults/soak.test.ts > memory, descriptors, connections, tables and logs stay as they are',
      'test/faults/killed-processes.test.ts > an asset with which its process is killed twice fails',
      'test/faults/killed-processes.test.ts > workers are killed again and again',
      'test/faults/leases.test.ts > a holder that was killed is overtaken at once',
    ],
  },
  {
    fault: 'a run is killed after its work and before its record',
    behaviour:
      'the next run names what this one would have named: implausible and kept days, assets that ceased',
    tests: ['test/faults/named-once.test.ts > killed between its naming and its record'],
  },
  {
    fault: 'a signal, a closed terminal',
    behaviour:
      'the assets in progress are finished or rolled back, the summary is printed, the exit code says which signal',
    tests: [
      `${INTERRUPTIONS} > the assets in progress are finished, the others not begun`,
      'test/faults/closed-terminal.test.ts > the run continues to its end, and the summary goes to stderr',
    ],
  },
  {
    fault: 'the database server is killed in the middle of a run',
    behaviour:
      'what was committed is there after recovery; the next run starts the embedded server and finishes',
    tests: [
      'test/faults/server-killed.test.ts > what was committed is there after recovery',
      'src/storage/embedded/embedded.test.ts > after kill -9 of the server the next command starts it again',
    ],
  },
  {
    fault: 'the server answers by another plan: other joins, other statistics, parallel workers',
    behaviour: 'every stored row is the same: a read whose rows are taken in order names the order itself',
    tests: [
      'test/faults/query-plans.test.ts > every row is the same, whatever the plan: ',
      'test/faults/query-plans.test.ts > statistics that are new since the bars were built',
      'test/laws/model.test.ts > after any sequence of writes and runs, stored = rebuilt',
      'test/laws/components-append-equals-rebuild.test.ts > after any sequence of appends, changes and partial runs',
    ],
  },
  {
    fault: 'two runs at once',
    behaviour: 'one works, the other is refused with exit 4 and says who holds the lease',
    tests: [
      `${INTERRUPTIONS} > scenario 16: two runs at once`,
      { test: 'test/faults/pgbouncer.test.ts > two at once', needs: 'pgbouncer' },
      'test/faults/leases.test.ts > exactly one works, the others end with 4',
      'test/faults/leases.test.ts > five at the moment when a holder has died',
    ],
  },
  {
    fault: 'a run that was overtaken wakes up',
    behaviour: 'its write is refused inside the transaction; what the other run wrote stays',
    tests: [
      `${INTERRUPTIONS} > a run that was overtaken cannot write`,
      'test/faults/leases.test.ts > a run that is stopped past its lease',
    ],
  },
  {
    fault: 'a worker of a distributed run is killed or stopped, or the run itself is killed',
    behaviour:
      'another worker, or the next run, does what was left; nothing is lost or written twice; a worker that continues later changes nothing',
    tests: [
      `${DISTRIBUTED} > one killed and one stopped for longer than its lease`,
      `${DISTRIBUTED} > a worker that is stopped in the middle of a COPY delays nobody`,
      `${DISTRIBUTED} > a run that is killed: its workers take nothing more of it`,
    ],
  },
  {
    fault: 'a run is over, and a process of it is stopped in the middle of a COPY',
    behaviour:
      'the next run waits for it, then ends its session and continues; a process that commits in time is waited for; a role that may not end the session names it, with the SQL to type',
    tests: [
      `${DISTRIBUTED} > a run that is killed while a worker is stopped in the middle of a COPY`,
      'test/faults/lease-writers.test.ts > stopped inside a COPY, its run killed',
      'test/faults/lease-writers.test.ts > by a role that may not end it',
      'test/faults/lease-writers.test.ts > slow but alive when the lease runs out',
    ],
  },
  {
    fault: 'the disk of the database is full',
    behaviour:
      'no asset is begun any more, what is done stays, exit 1; with room again the next run finishes',
    tests: [
      'test/faults/disk-full-database.test.ts > an error of that kind, wherever it comes from',
      {
        test: 'test/faults/disk-full-database.test.ts > the run stops, says so and exits with 1',
        needs: 'the right to mount a tmpfs',
      },
      'test/faults/stop.test.ts > with --continue-on-error every asset is tried',
    ],
  },
  {
    fault: 'a connection whose other end has fallen silent',
    behaviour:
      'every wait has an end: connecting, a statement, a lock; the run ends with the cause, never hangs',
    tests: [
      'test/faults/half-open.test.ts > in the middle of a run',
      'test/faults/half-open.test.ts > from the beginning',
    ],
  },
  {
    fault: 'somebody holds a lock',
    behaviour:
      'the wait is bounded, the message names the process, its program and since when; the next run is fine',
    tests: [
      `${LOCKS} > a table: the run ends, names who holds it`,
      `${LOCKS} > rows of one asset: it fails by name`,
      `${LOCKS} > the row of the lease`,
      `${LOCKS} > after all of that everything is as if nobody`,
    ],
  },
  {
    fault: 'the client clock is wrong or moves back',
    behaviour: 'freshness and records go by the database clock; the same rows',
    tests: [
      'test/faults/client-clock.test.ts > what is recorded of a run is the time of the database',
      {
        test: 'test/faults/client-clock.test.ts > fresh and stale by the database clock',
        needs: 'libfaketime',
      },
      {
        test: 'test/faults/client-clock.test.ts > six days back in the middle of a run',
        needs: 'libfaketime',
      },
      {
        test: 'test/e2e/doctor.test.ts > a clock that is wrong by more than 5 s is reported',
        needs: 'libfaketime',
      },
    ],
  },
  {
    fault: 'another time zone, date style or locale on either side',
    behaviour: 'the same hashes',
    tests: [
      'test/e2e/verify-command.test.ts > the same hashes under any time zone, here and at the server, any DateStyle',
    ],
  },
  {
    fault: 'an error, or a lost connection, at any statement of an append, a repair or a rebuild',
    behaviour:
      'the asset is whole, old or new; tried again, or by one more run, it equals an undisturbed one',
    tests: [
      'test/faults/nth-statement-bars.test.ts > a failure at every statement of bars',
      'test/faults/nth-statement-emas.test.ts > a failure at every statement of emas',
    ],
  },
  {
    fault: 'the connection is lost during COMMIT',
    behaviour: 'nothing is assumed: the state is read again, and what is stored is not done twice',
    tests: [
      'test/faults/nth-statement-bars.test.ts > a failure at every statement of bars',
      'test/faults/lease-after-outage.test.ts > it ran out meanwhile: it is extended',
      'test/faults/lease-after-outage.test.ts > what the parent writes may be written twice',
    ],
  },
  {
    fault: 'the database restarts in the middle of a run',
    behaviour: 'the work in progress is done again after a wait; exit 0, as undisturbed',
    tests: ['test/faults/database-restart.test.ts > a restart between bars and EMAs'],
  },
  {
    fault: 'a right that is revoked in the middle of a run',
    behaviour:
      'no asset is begun any more, what was committed stays; the command that prints the SQL is named',
    tests: ['test/e2e/grants.test.ts > a right that is revoked in mid-run stops the run'],
  },
  {
    fault: 'a component that does not end',
    behaviour:
      'with --timeout its whole process group is ended, its unfinished assets fail, the run continues',
    tests: [
      'test/faults/killed-processes.test.ts > ends the whole process group though its transaction does not end',
    ],
  },
  {
    fault: 'an asset that fails every time',
    behaviour:
      'after five runs in a row it is skipped with its reason; released by a change, by name, or by asset release',
    tests: [
      'test/e2e/quarantine.test.ts > the fifth failure in a row quarantines it',
      'test/e2e/quarantine.test.ts > it is released',
      'test/e2e/quarantine.test.ts > a success in between',
    ],
  },
  {
    fault: 'one cause, not in the data, on more than half of the assets and more than ten',
    behaviour: 'the component stops early and names the cause (not with --continue-on-error)',
    tests: [
      'test/e2e/circuit-breaker.test.ts > with --continue-on-error every asset is tried',
      'test/e2e/circuit-breaker.test.ts > values of the assets themselves are no such cause',
    ],
  },
  {
    fault: 'logs and metrics that cannot be written, alerts that cannot be sent',
    behaviour: 'a warning; the run continues, its exit code stays',
    tests: [
      'test/e2e/reporting-log.test.ts > kill -9 in mid-run: everything up to then is in it',
      'test/e2e/reporting-log.test.ts > a full disk',
      'test/e2e/reporting-metrics.test.ts > where it cannot be written: a warning',
      'test/e2e/reporting-alerts.test.ts > one gives no answer, the other refuses',
      'test/e2e/reporting-alerts.test.ts > where nothing can be noted: a warning',
    ],
  },
  {
    fault: 'a run that dies, or never starts',
    behaviour:
      'the alert is sent all the same, by the next run where it must; check says that no good run is there',
    tests: [
      'test/e2e/reporting-early-deaths.test.ts > a run that dies early',
      'test/e2e/reporting-check.test.ts > 1 when there is no good run',
    ],
  },
  {
    fault: 'the database goes away under the dashboard',
    behaviour:
      'pages keep what they show and say since when it is away, every answer that needs it is 503; both recover by themselves',
    tests: [
      'test/faults/serve-outage.test.ts > a database that does not answer: 503 and a sentence',
      'test/faults/serve-outage.test.ts > a server that crashes and recovers',
      'test/faults/serve-outage.test.ts > a database that is away when it begins',
      {
        test: 'test/web/runs.test.ts > the database goes away: the page says so, keeps what it has',
        needs: 'chromium',
      },
    ],
  },
  {
    fault: 'the server of the dashboard ends under an open page',
    behaviour:
      'the page keeps what it shows and says that nobody answers; with a server at the same address it continues',
    tests: [
      {
        test: 'test/web/tour.test.ts > the server ends and comes back: the page says so and continues',
        needs: 'chromium',
      },
    ],
  },
  {
    fault: 'hostile ids, names, files, URLs and config files',
    behaviour: 'a typed error or a correct result; never a stack trace, never SQL that was not meant',
    tests: [
      'test/laws/hostile-input.test.ts > in process, 10,000 of each',
      'test/e2e/hostile-input.test.ts > as real processes, with all rights',
    ],
  },
  ...FAULTS_OF_DATA,
  ...FAULTS_OF_SERVERS,
  ...FAULTS_OF_STRANGERS,
  ...FAULTS_OF_VARIATIONS,
];
