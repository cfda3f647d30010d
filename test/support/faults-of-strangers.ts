/** Faults that somebody makes on purpose: other users of the machine, roles of the database, pages, files. See docs/explanation/security.md. */
import type { Fault } from './fault.js';

const OTHERS = 'test/faults/other-users.test.ts';
const ROLES = 'test/faults/hostile-roles.test.ts';
const PIPES = 'test/faults/pipes-in-folders.test.ts';
const NAMES = 'test/faults/hostile-names.test.ts';
const TWO_USERS = 'root, to be two users';
const DASHBOARD = 'test/faults/dashboard-abuse.test.ts';

export const FAULTS_OF_STRANGERS: readonly Fault[] = [
  {
    fault: 'another user plants compiled code, or a folder for it',
    behaviour:
      'it is kept in a folder of ours that nobody else can replace, or not at all; never in a shared one',
    tests: [
      `${OTHERS} > lies in a folder that nobody else may enter`,
      `${OTHERS} > a folder of ours that others may write to is not used`,
      { test: `${OTHERS} > nothing is read or written there`, needs: TWO_USERS },
      'test/tidy.test.ts > nothing is shared with other users',
    ],
  },
  {
    fault: 'another user plants links, files or pipes where logs are written',
    behaviour: 'no link is followed, what is not ours is not written to: a warning, and the run continues',
    tests: [
      `${OTHERS} > lie in a folder of mode 0700`,
      `${OTHERS} > is not followed: a warning, and the run continues`,
      `${OTHERS} > a link instead of the memory of alerts is not followed`,
      { test: `${OTHERS} > instead of ours: nothing is written into it`, needs: TWO_USERS },
      { test: `${OTHERS} > a file of theirs, and a pipe, in a folder of ours`, needs: TWO_USERS },
    ],
  },
  {
    fault: 'a config file of another user in a folder above the working directory',
    behaviour:
      'refused before anything is done; in the working directory itself a warning; owners can be trusted by name',
    tests: [
      { test: `${OTHERS} > in a folder above the working directory is refused`, needs: TWO_USERS },
      { test: `${OTHERS} > in the working directory itself it warns, and is used`, needs: TWO_USERS },
      { test: `${OTHERS} > a link of theirs to a file of ours is theirs`, needs: TWO_USERS },
    ],
  },
  {
    fault: 'a data folder of the embedded server that another user has made, or may write to',
    behaviour: 'refused; no program is run from there',
    tests: [
      { test: `${OTHERS} > a data folder of the embedded server that they have made`, needs: TWO_USERS },
      { test: 'src/storage/embedded/embedded.test.ts > an ordinary user has a server too', needs: TWO_USERS },
    ],
  },
  {
    fault: 'a named pipe or a device where a file is expected',
    behaviour: 'refused by name, nothing waits for its end; the other files are read, the refresh continues',
    tests: [
      `${PIPES} > among price files: named, the others are stored`,
      `${PIPES} > that is named itself: refused with a sentence`,
      `${PIPES} > schedule: the round names the pipe and continues to its refresh`,
      `${PIPES} > a backup in which pipes lie instead of files is refused`,
      `${PIPES} > a metrics file that is a pipe which nobody reads`,
    ],
  },
  {
    fault:
      'the owner of a source table that is followed brings types, casts, functions and operators of their own',
    behaviour:
      'nothing of it runs with the rights of barwright: types are looked at when the trigger fires; with other ones everything known counts as changed',
    tests: [
      `${ROLES} > changes the type of a column to one with a cast of theirs`,
      `${ROLES} > puts a trigger function of ours on a table of their own: refused`,
      `${ROLES} > makes functions and operators that ours could find by name`,
      `${ROLES} > has a column of such a type from the beginning`,
    ],
  },
  {
    fault: 'a runner writes what the owner of the queue would execute',
    behaviour: 'denied: a runner writes jobs, and reads two more tables; earlier rights are taken back',
    tests: [
      `${ROLES} > writes jobs, reads two tables, and reaches nothing else`,
      `${ROLES} > the owner makes the queue again after all of that`,
      `${ROLES} > what an earlier text gave is taken back`,
    ],
  },
  {
    fault: 'a later table of the owner that has nothing to do with barwright',
    behaviour: 'runner and reader get no right on it; on what a migration makes they do',
    tests: [`${ROLES} > roles get rights on what a later migration makes, and on no other`],
  },
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
      'src/web/server/sessions.test.ts > a login ends after twelve hours, and not before',
    ],
  },
  {
    fault: 'a link to the Grafana dashboard with SQL in one of its variables',
    behaviour: 'a variable is a value in quotes, wherever it stands; never a part of the statement',
    tests: ['test/e2e/grafana.test.ts > a variable is a value, whatever a link says'],
  },
  {
    fault:
      'a file, an archive member, an asset, a setting or a run record whose texts have line ends, or a megabyte',
    behaviour:
      'the file is skipped or refused, the name is shown in one line of bounded length: no line of the output is forged',
    tests: [
      `${NAMES} > in a folder is skipped, spelt in one line; the other files are read`,
      `${NAMES} > that is named itself is refused`,
      `${NAMES} > in a ZIP archive makes no line`,
      `${NAMES} > with a newline or of a megabyte makes no line and fills no screen`,
      `${NAMES} > what a role writes into the records of runs makes no line of the output`,
    ],
  },
  {
    fault: 'texts made to cost processor time or memory: a million characters in a path, a cell, an error',
    behaviour: 'every pattern of the code takes time in proportion to its text; words of errors are bounded',
    tests: [
      'test/patterns.test.ts > every pattern is linear',
      'src/storage/settings/secrets.test.ts > a text of a million characters of',
      `${NAMES} > the words of an error are bounded, and no half of a secret stands at the cut`,
    ],
  },
  {
    fault: 'commands and settings named as what every object has: constructor, toString, __proto__',
    behaviour: 'unknown, by name; none is dropped silently',
    tests: [`${NAMES} > is no command`, `${NAMES} > is no setting`],
  },
  {
    fault: 'texts in files of prices that a spreadsheet would compute',
    behaviour: 'an export puts an apostrophe before them',
    tests: [`${NAMES} > a text of an export is no formula of a spreadsheet, and any other is as it was`],
  },
];
