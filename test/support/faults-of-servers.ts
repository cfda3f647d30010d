/** Faults of the database server and of this machine: failover, restore, settings, clocks, locks, descriptors, output. */
import type { Fault } from './fault.js';

const REWOUND = 'test/faults/rewound-lease.test.ts';
const HOLDINGS = 'test/faults/holdings.test.ts';

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
    behaviour: 'it counts for nobody; a living run goes on with its own',
    tests: [`${HOLDINGS} > a lease that ends later than a run could have written`],
  },
];
