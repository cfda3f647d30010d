/** Faults that somebody makes on purpose: other users of the machine, roles of the database, pages, files. See docs/SECURITY.md. */
import type { Fault } from './fault.js';

const DASHBOARD = 'test/faults/dashboard-abuse.test.ts';

export const FAULTS_OF_STRANGERS: readonly Fault[] = [
  {
    fault:
      'requests to the dashboard that take and never give back: slots, bodies without end, half a request',
    behaviour:
      'a slot ends with its connection, a body ends at 64 kB, a request after 20 s; what has not logged in gets no further',
    tests: [
      `${DASHBOARD} > HEAD of the live state, and readers that go at once, keep no slot`,
      `${DASHBOARD} > a body without end to`,
      `${DASHBOARD} > a request that is begun and never ended is closed`,
    ],
  },
  {
    fault: 'a copied login cookie of the dashboard',
    behaviour:
      'the login ends at the server: after 12 hours, when its user logs out, and when the server ends',
    tests: [
      `${DASHBOARD} > logging out ends the login at the server`,
      `${DASHBOARD} > a login does not outlive the server that gave it`,
      'src/web/sessions.test.ts > a login ends after twelve hours, and not before',
    ],
  },
  {
    fault: 'a link to the Grafana dashboard with SQL in one of its variables',
    behaviour: 'a variable is a value in quotes, wherever it stands; never a part of the statement',
    tests: ['test/e2e/grafana.test.ts > a variable is a value, whatever a link says'],
  },
];
