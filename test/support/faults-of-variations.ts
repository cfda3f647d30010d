/** Variations of breaks that were found before, thought up apart from the work that closed them. Each is tried as it stands here. */
import type { Fault } from './fault.js';

const SOURCES = 'test/faults/variations-of-sources.test.ts';
const ROLES = 'test/faults/variations-of-roles.test.ts';
const MACHINES = 'test/faults/variations-of-machines.test.ts';
const NAMES = 'test/faults/variations-of-names.test.ts';
const REQUESTS = 'test/faults/variations-of-requests.test.ts';

export const FAULTS_OF_VARIATIONS: readonly Fault[] = [
  {
    fault: 'variations: values, times, ids and days that no price has',
    behaviour:
      'a row without a finite time, or with an id that no asset can have, is no day of any asset; what no double can hold costs its asset; a day BC costs its asset; the rest is judged by rule',
    tests: [
      `${SOURCES} > an infinite time of a row`,
      `${SOURCES} > a time before all times`,
      `${SOURCES} > no time at all`,
      `${SOURCES} > infinite times within the day`,
      `${SOURCES} > times within the day that are BC`,
      `${SOURCES} > prices that are not a number`,
      `${SOURCES} > prices that are infinite`,
      `${SOURCES} > an infinite volume, a market cap of NaN`,
      `${SOURCES} > a market cap beyond every double`,
      `${SOURCES} > the last microsecond that there is`,
      `${SOURCES} > ids that no asset can have: too large, zero, negative, none`,
      `${SOURCES} > a described day that is infinite, BC or beyond every time`,
    ],
  },
  {
    fault:
      'variations: changes through partitions, child tables, views of views, unions, MERGE, swapped tables, triggers off for good',
    behaviour:
      'the next run finds each of them and repairs that asset alone; what cannot be followed by triggers says so',
    tests: [
      `${SOURCES} > a correction through a partition, a child table, below a view of a view, in a part of a union`,
      `${SOURCES} > a partition or a child table cannot be followed, and one sentence says so`,
      `${SOURCES} > whose triggers are switched off for good: every run compares`,
      `${SOURCES} > that is swapped for another one of its name: found by the next run`,
      `${SOURCES} > MERGE into our own table, which updates, deletes and inserts at once`,
    ],
  },
  {
    fault:
      'variations: a role that reads only, becomes another, loads a library that is not there, finds other names first, sees a part',
    behaviour: 'one sentence and exit 1, or the same rows as always; never a part taken for all',
    tests: [
      `${ROLES} > whose transactions are read only by default: one sentence, and reading continues`,
      `${ROLES} > that becomes another one by itself, without rights: one sentence`,
      `${ROLES} > with a library to load that is not there: one sentence`,
      `${ROLES} > that finds tables and functions of the same names first: they are not taken for ours`,
      `${ROLES} > that a policy shows a part of the source: an error, never days that have vanished`,
    ],
  },
  {
    fault:
      'variations: a domain with a function of the loader, triggers on changes of the schema, triggers that leave rows out',
    behaviour:
      'nothing of the loader runs as the owner; an asset fails with the words of the trigger; a run whose rows were left out fails and names the table',
    tests: [
      `${ROLES} > a type of a domain whose check notes who runs it, below triggers that are followed`,
      `${ROLES} > on every change of the schema, which refuse: the assets fail by name, with its words`,
      `${ROLES} > on a table of ours, which leave rows out: the run fails and names the table`,
    ],
  },
  {
    fault:
      'variations: closed streams, no HOME, no folder for temporary files, umask 0, no working directory, files without length, other environments',
    behaviour:
      'the work is done and recorded, or one sentence says what is missing; nothing is written where others may write',
    tests: [
      `${MACHINES} > closed before it begins (`,
      `${MACHINES} > without a HOME`,
      `${MACHINES} > a HOME that is not there`,
      `${MACHINES} > relative folders for HOME and the cache`,
      `${MACHINES} > without a folder for temporary files`,
      `${MACHINES} > a folder for temporary files that takes none`,
      `${MACHINES} > a working directory that was removed: one sentence`,
      `${MACHINES} > umask 0: nothing that is written may be written by others`,
      `${MACHINES} > files may have no length: the work is done`,
      `${MACHINES} > without a PATH`,
      `${MACHINES} > a locale and a time zone that there are not`,
      `${MACHINES} > variables of PostgreSQL that name other places and settings`,
    ],
  },
  {
    fault:
      'variations: line breaks in every command, keys that every object has in other JSON, names that are too long, other exports, other files',
    behaviour:
      'refused or spelt out in one line, bounded, no formula; each file of a folder by name, and nothing waits',
    tests: [
      `${NAMES} > a line break in what is typed makes no line, whatever the command`,
      `${NAMES} > --source with keys that every object has`,
      `${NAMES} > a source that is added gets a name that can be read again`,
      `${NAMES} > prices in files with such keys and columns: read as any others, names bounded`,
      `${NAMES} > bars and EMAs that are exported have no cell that a spreadsheet would compute`,
      `${MACHINES} > a folder with a socket, links to nothing and to itself, an empty file and one of a terabyte`,
    ],
  },
  {
    fault:
      'variations: other methods, upgrades, half requests, chunks without end, keys that every object has, long paths',
    behaviour: 'no slot is kept, no body is taken to its end, every answer comes at once',
    tests: [
      `${REQUESTS} > other methods, upgrades and connections that send nothing keep no slot`,
      `${REQUESTS} > a body without end in chunks, for any method`,
      `${REQUESTS} > keys that every object has, in queries and cookies, and paths of many kilobytes`,
    ],
  },
];
