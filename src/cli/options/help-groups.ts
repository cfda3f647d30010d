/** The groups under which --help lists options and commands. */

/** By group, in the order of --help; within one an option stands where its command lists it. What is in none is rarely needed. */
const OPTION_GROUPS = {
  'What:': [
    'bars',
    'emas',
    'indicators',
    'all',
    'ids',
    'id',
    'exportId',
    'exportIds',
    'dbUrl',
    'embedded',
    'dataDir',
    'schema',
    'source',
    'origin',
  ],
  'How much:': [
    ...['tfs', 'compareTfs', 'periods', 'tfPeriodCombos', 'only', 'fullRebuild', 'resume', 'validate'],
    ...['numProcesses', 'timeout', 'limit', 'since', 'sample', 'late', 'stale', 'failed', 'sort'],
  ],
  'Output:': [
    ...[
      'dryRun',
      'json',
      'verbose',
      'quiet',
      'format',
      'out',
      'exportOut',
      'alertOnError',
      'alertExec',
      'logFile',
      'noLogFile',
    ],
    'metricsFile',
  ],
} as const;
const RARE = 'Rare:';

/** An option that has a heading of its own. */
export type GroupedOption = (typeof OPTION_GROUPS)[keyof typeof OPTION_GROUPS][number];

const GROUP_OF = new Map<string, string>(
  Object.entries(OPTION_GROUPS).flatMap(([group, names]) => names.map((name) => [name, group] as const)),
);

/** The heading for an option; null: the command has so few options that none needs one. */
export function groupOfOption(name: string, among: number): string | null {
  return among < MANY ? null : (GROUP_OF.get(name) ?? RARE);
}

/** Options in the order of their groups. */
export function inOrderOfGroups<Name extends string>(names: readonly Name[]): readonly Name[] {
  if (names.length < MANY) return names;
  const order = [...Object.keys(OPTION_GROUPS), RARE];
  const rank = (name: Name) => order.indexOf(GROUP_OF.get(name) ?? RARE);
  return names.toSorted((a, b) => rank(a) - rank(b));
}

/** Options that are read at a glance without headings. */
const MANY = 12;

/** The heading for a command in the list of all. Those that answer a question say which. */
const COMMAND_GROUPS: Readonly<Record<string, readonly string[]>> = {
  'Every day:': ['refresh', 'ingest', 'schedule', 'retry', 'serve', 'report', 'export'],
  'Which command answers which question:': [
    ...['status', 'plan', 'check', 'verify', 'doctor', 'compare', 'explain', 'runs', 'alert'],
  ],
  'Setting up:': ['demo', 'init', 'migrate', 'source', 'asset', 'indicator', 'grants', 'db', 'completion'],
};

/** The group of each command in the list of all. */
export function rankOfCommand(name: string): number {
  const at = Object.values(COMMAND_GROUPS).findIndex((names) => names.includes(name));
  return at < 0 ? Object.keys(COMMAND_GROUPS).length : at;
}

/** The heading for a command. */
export function groupOfCommand(name: string): string {
  return Object.entries(COMMAND_GROUPS).find(([, names]) => names.includes(name))?.[0] ?? RARE;
}
