/** Faults of the database server and of this machine: failover, restore, settings, clocks, locks, descriptors, output. */
import type { Fault } from './fault.js';

const REWOUND = 'test/faults/rewound-lease.test.ts';
const HOLDINGS = 'test/faults/holdings.test.ts';
const LIMITS = 'test/faults/own-limits.test.ts';
const STRANGERS = 'test/faults/locks-of-strangers.test.ts';

export const FAULTS_OF_SERVERS: readonly Fault[] = [
  {
    fault: 'the row of the lease is taken back in time under a run: failover, restore, a deleted row',
    behaviour:
      'the run is fenced out as soon as another has the lease or the row is gone, though the token is the same; what the other writes is undisturbed',
    tests: [
      `${REWOUND} > a standby that missed its takeover is promoted`,
      `${REWOUND} > recovered to a point before it took the lease`,
      `${REWOUND} > its row is deleted`,
      `${REWOUND} > "db restore" under it`,
      `${HOLDINGS} > the lease of a run`,
      `${HOLDINGS} > a task of a distributed run`,
    ],
  },
  {
    fault: 'a lease that a wrong clock of the database dated far ahead',
    behaviour: 'it counts for nobody; a living run continues with its own',
    tests: [`${HOLDINGS} > a lease that ends later than a run could have written`],
  },
  {
    fault:
      'settings of the server, the database or the role that change what a statement means or how long it may take',
    behaviour: 'every transaction sets its own; the same rows, and our own bounds',
    tests: [
      'test/faults/session-settings.test.ts > every setting that a session may have of its own',
      'test/faults/session-settings.test.ts > whatever a role has set',
      'test/faults/session-settings.test.ts > a run of such a role',
    ],
  },
  {
    fault: 'locks of strangers: advisory locks, other tables, a reader of a table that is altered',
    behaviour:
      'nothing waits that need not; a wait has an end, and its message names the process and what it holds',
    tests: [
      `${STRANGERS} > the very advisory locks of the fence`,
      `${STRANGERS} > the advisory lock of init`,
      `${STRANGERS} > a table of the source in another schema`,
    ],
  },
  {
    fault: 'a hot standby, or a role that may only read',
    behaviour:
      'reading commands and views work; everything else, init and doctor too, says what it is and fails',
    tests: [
      'test/faults/standby.test.ts > reading commands and every view',
      'test/faults/standby.test.ts > while it lags behind a run',
      'test/faults/standby.test.ts > doctor says that it is a standby',
      'test/faults/standby.test.ts > is refused with what to do',
      'test/faults/standby.test.ts > a role that may only read',
      'test/faults/standby.test.ts > promoted, it is a primary',
      {
        test: 'test/faults/standby-basebackup.test.ts > is read like its primary, and a run is refused; promoted under a run',
        needs: 'the programs of a PostgreSQL of the system',
      },
    ],
  },
  {
    fault: 'no file descriptors are left',
    behaviour: 'an end within seconds, one sentence, and which limit to raise',
    tests: [`${LIMITS} > from hardly enough to load the program`],
  },
  {
    fault: 'stdout or stderr cannot be written (a full disk)',
    behaviour: 'the work is done and recorded; the exit code is 5, with a word on the other stream',
    tests: [`${LIMITS} > output that is lost`],
  },
  {
    fault: 'a clock that is ahead, where old things are deleted by their age',
    behaviour: 'the newest 30 logs and 400 runs stay whatever the clock says',
    tests: [`${LIMITS} > a clock that is ahead`],
  },
  {
    fault: 'a command that writes a file or a folder beside its place is killed',
    behaviour: 'the next one removes what it left, and nothing of living processes or other machines',
    tests: [`${LIMITS} > a command that writes a file or a folder is killed`],
  },
  {
    fault: 'errors of the library of the queue',
    behaviour: 'a sentence, never a stack or an object without words',
    tests: [
      'test/faults/queue-errors.test.ts > its schema is dropped under a worker',
      'test/faults/queue-errors.test.ts > its rights are revoked',
      'test/faults/queue-errors.test.ts > the connections are cut',
      'test/faults/queue-errors.test.ts > whatever a library throws',
    ],
  },
];
