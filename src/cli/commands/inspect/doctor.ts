import { Command } from 'commander';
import { OUR_TABLE, parseSourceText } from '../../../domain/source/description.js';
import { UsageError } from '../../../domain/text/errors.js';
import { type Check, runDoctor, type Setting } from '../../../orchestration/inspect/doctor.js';
import { findConfigText } from '../../config/find-config.js';
import { COMMAND_NAMES } from '../../options/command-names.js';
import { databaseOf } from '../../options/database.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';

const TAGS = { ok: '[OK]', warning: '[WARNING]', failed: '[FAILED]' } as const;

/** `barwright doctor`: looks at everything that a run depends on; works with no database at all. */
export function doctorCommand(act: Act): Command {
  const command = new Command('doctor').description(
    'Check settings, database, clock, schema, rights and disk; say what to do.',
  );
  return withOptions(command, [...DATABASE_OPTIONS, 'source', 'json']).action((values: OptionValues) =>
    act(examine(values, command)),
  );
}

async function examine(values: OptionValues, command: Command): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const file = await readConfigFile();
  const request = {
    ...databaseOf(values),
    source: values.source ?? null,
    settings: [...listSettings(values, command, file.path), ...file.settings],
    settingFaults: file.faults,
    alertCommand: file.alertCommand,
  };
  const checks = await runDoctor(request, ({ name, status, message }) => {
    talk.say(`${TAGS[status]} ${name}: ${message}`);
  });
  const exitCode = checks.some(({ status }) => status === 'failed') ? 1 : 0;
  talk.say(verdictOf(checks));
  if (values.json) talk.json({ version: 1, exitCode, checks });
  return exitCode;
}

function verdictOf(checks: readonly Check[]): string {
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  const [warnings, failures] = [count('warning'), count('failed')];
  return `${checks.length} checks, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}, ${failures} failed`;
}

interface ReadFile {
  path: string;
  settings: Setting[];
  faults: string[];
  /** Of --alert-exec, for whichever command; null: there is none. */
  alertCommand: string | null;
}

/** What barwright.config.json says, for whichever command, and what is wrong with it. */
async function readConfigFile(): Promise<ReadFile> {
  const read: ReadFile = { path: '', settings: [], faults: [], alertCommand: null };
  try {
    const file = findConfigText(process.cwd());
    if (file === null) return read;
    read.path = file.path;
    const { parseConfig } = await import('../../config/read-config.js');
    const { shared, own } = parseConfig(file, COMMAND_NAMES);
    for (const { key, value, rule } of [...shared, ...[...own.values()].flat()]) {
      const isSet = rule.variable !== null && (process.env[rule.variable] ?? '') !== '';
      const from = isSet ? `${file.path}, but ${rule.variable} is set and wins` : file.path;
      read.settings.push({ name: key, value: JSON.stringify(value), from });
      if (rule.name === 'alertExec') read.alertCommand ??= String(value);
    }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    read.faults.push(error.message);
  }
  return read;
}

/** Every setting, with what decided it. */
function listSettings(values: OptionValues, command: Command, configPath: string): Setting[] {
  const { env } = process;
  const typed = (name: keyof OptionValues, flag: string, variable: string) =>
    new Map([
      ['cli', flag],
      ['env', variable],
      ['config', configPath],
    ]).get(command.getOptionValueSource(name) ?? '') ?? 'default';
  const embedded = values.embedded
    ? { value: 'yes', from: '--embedded' }
    : env.BARWRIGHT_DB === 'embedded' && values.dbUrl === undefined
      ? { value: 'yes', from: 'BARWRIGHT_DB' }
      : { value: 'no', from: 'default' };
  const dataDir =
    values.dataDir !== undefined
      ? { value: values.dataDir, from: typed('dataDir', '--data-dir', 'BARWRIGHT_DATA_DIR') }
      : env.BARWRIGHT_DATA_DIR
        ? { value: env.BARWRIGHT_DATA_DIR, from: 'BARWRIGHT_DATA_DIR' }
        : { value: 'the usual place', from: 'default' };
  return [
    { name: 'schema', value: values.schema, from: typed('schema', '--schema', 'BARWRIGHT_SCHEMA') },
    {
      name: 'source',
      value: nameSources(values.source ?? 'cmc_price_histories7'),
      from: typed('source', '--source', 'BARWRIGHT_SOURCE'),
    },
    { name: 'embedded', ...embedded },
    { name: 'data dir', ...dataDir },
    { name: 'Node', value: process.versions.node, from: process.execPath },
  ];
}

/** Described tables by their names. */
function nameSources(text: string): string {
  const described = parseSourceText(text);
  if (described === null) return text;
  return [...(described.hasOurs ? [OUR_TABLE] : []), ...described.sources.keys()].join(', ');
}
