/** The groups under which --help lists options and commands. */
import type { OptionName } from './options.js';

/** By group, in the order of --help; within one an option stands where its command lists it. What is in none is rarely needed. */
const OPTION_GROUPS: Readonly<Record<string, readonly OptionName[]>> = {
  'What:': [
    'bars',
    'emas',
    'all',
    'ids',
    'id',
    'exportId',
    'dbUrl',
    'embedded',
    'dataDir',
    'schema',
    'source',
    'origin',
  ],
  'How much:': [
    ...([
      'tfs',
      'compareTfs',
      'periods',
      'tfPeriodCombos',
      'only',
      'fullRebuild',
      'resume',
      'validate',
    ] as const),
    ...(['numProcesses', 'timeout', 'limit', 'since', 'sample', 'late', 'stale', 'failed', 'sort'] as const),
  ],
  'Output:': [
    ...([
      'dryRun',
      'json',
      'verbose',
      'quiet',
      'out',
      'alertOnError',
      'alertExec',
      'logFile',
      'noLogFile',
    ] as const),
    'metricsFile',
  ],
};
const RARE = 'Rare:';

const GROUP_OF = new Map(
  Object.entries(OPTION_GROUPS).flatMap(([group, names]) => names.map((name) => [name, group] as const)),
);

/** The heading for an option; null: the command has so few options that none needs one. */
export function groupOfOption(name: OptionName, among: number): string | null {
  return among < MANY ? null : (GROUP_OF.get(name) ?? RARE);
}

/** Options in the order of their groups. */
export function inOrderOfGroups(names: readonly OptionName[]): readonly OptionName[] {
  if (names.length < MANY) return names;
  const order = [...Object.keys(OPTION_GROUPS), RARE];
  const rank = (name: OptionName) => order.indexOf(GROUP_OF.get(name) ?? RARE);
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
  'Setting up:': ['demo', 'init', 'migrate', 'source', 'asset', 'grants', 'db', 'completion'],
};

/** Where a command stands in the list of all. */
export function rankOfCommand(name: string): number {
  const at = Object.values(COMMAND_GROUPS).findIndex((names) => names.includes(name));
  return at < 0 ? Object.keys(COMMAND_GROUPS).length : at;
}

/** The heading for a command. */
export function groupOfCommand(name: string): string {
  return Object.entries(COMMAND_GROUPS).find(([, names]) => names.includes(name))?.[0] ?? RARE;
}
