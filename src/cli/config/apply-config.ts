/** Puts what barwright.config.json says between the defaults and the environment. */
import { dirname, resolve } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { UsageError } from '../../domain/text/errors.js';
import { configureModules } from '../../storage/own-indicators/modules.js';
import { configureSources } from '../options/named-sources.js';
import type { Config, Configured } from './read-config.js';
import { isSetting } from './settings.js';

/** Where a value came from, for commander and for doctor. */
const CONFIG_SOURCE = 'config';

/**
 * Gives a command and those below it the settings of the file: what is said for the command itself wins over what is said
 * for all. An environment variable that means the same wins over both, the command line over everything. Throws UsageError on a
 * setting that the command does not have, and on a value that its flag would refuse.
 */
export function applyConfig(config: Config, command: Command): void {
  const own = config.own.get(command.name()) ?? [];
  keepSources(config, own);
  keepModules(config);
  const used = new Set<Configured>();
  for (const configured of [...config.shared, ...own])
    if (applyTo(command, configured, config.path)) used.add(configured);
  const unused = own.find((configured) => !used.has(configured));
  if (unused !== undefined)
    throw new UsageError(`${config.path}, "${unused.key}": "${command.name()}" has no such option`);
}

/** Commands that read sources in another way than by the flag know them too; one of two settings that mean the same is meant. */
function keepSources(config: Config, own: readonly Configured[]): void {
  for (const list of [config.shared, own]) {
    const described = list.find(({ rule }) => rule.name === 'sources');
    if (described === undefined) continue;
    if (list.some(({ rule }) => rule.name === 'source'))
      throw new UsageError(`${config.path}: "source" and "sources" both say what is read; keep one of them`);
    try {
      configureSources(described.value as Record<string, unknown>);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      throw new UsageError(`${config.path}: ${error.message}`);
    }
  }
}

/** Files of indicators are named from where the file lies. */
function keepModules({ shared, path }: Config): void {
  const files = shared.find(({ rule }) => rule.name === 'indicators')?.value ?? [];
  configureModules((files as string[]).map((file) => resolve(dirname(path), file)));
}

/** Whether the command, or one below it, has the option. */
function applyTo(command: Command, configured: Configured, path: string): boolean {
  const below = command.commands.filter((child) => applyTo(child, configured, path)).length > 0;
  const { rule, key } = configured;
  const attribute = rule.option.attributeName();
  const option = command.options.find((each) => each.attributeName() === attribute && !each.negate);
  // Options of the same name and another meaning (verify's --source, ingest's --strict) are left alone.
  if (option === undefined || !isSetting(rule, option)) return below;
  if (rule.variable !== null && (process.env[rule.variable] ?? '') !== '') return true;
  try {
    command.setOptionValueWithSource(attribute, read(configured), CONFIG_SOURCE);
  } catch (error) {
    if (!(error instanceof InvalidArgumentError || error instanceof UsageError)) throw error;
    throw new UsageError(`${path}, "${key}": ${error.message}`);
  }
  return true;
}

/** As the flag would read it. */
function read({ rule: { option }, value }: Configured): unknown {
  if (value === true || value === false) return value || (option.long === '--log-file' ? false : undefined);
  if (typeof value === 'object' && !Array.isArray(value))
    return configureSources(value as Record<string, unknown>);
  if (option.parseArg === undefined) return value;
  const parse = option.parseArg as (text: string, previous: unknown) => unknown;
  return parse(Array.isArray(value) ? value.join(',') : String(value), undefined);
}
