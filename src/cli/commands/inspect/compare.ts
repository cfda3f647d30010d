import { Command } from 'commander';
import { compareAssets } from '../../../components/compare/compare-assets.js';
import { type AssetComparison, formatFinding, sumExplained } from '../../../components/compare/comparison.js';
import type { Revision } from '../../../domain/origin/given.js';
import { KNOWN_DIFFERENCES } from '../../../domain/origin/rules.js';
import { parseIdList } from '../../../domain/text/ids.js';
import { selectTimeframes } from '../../../orchestration/selection/select-series.js';
import type { OriginTables } from '../../../storage/origin/tables.js';
import { configuredSourceText } from '../../options/named-sources.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { chooseAssets, labelOf } from '../../running/choose-assets.js';
import { withDatabase } from '../../running/with-database.js';

/** `barwright compare`: compares bars and EMAs of the system that barwright replaces with its own. */
export function compareCommand(act: Act): Command {
  const command = new Command('compare').description(
    "Compare the origin's bars and EMAs in another schema with ours; explain every difference, or fail.",
  );
  return withOptions(command, [
    'ids',
    'compareTfs',
    'origin',
    'source',
    ...DATABASE_OPTIONS,
    'verbose',
    'json',
  ]).action((values: OptionValues) => act(runCompare(values)));
}

async function runCompare(values: OptionValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const ids = parseIdList(values.ids);
  const origin = values.origin ?? 'public';
  const startedMs = performance.now();
  return withDatabase(values, { talk }, async (database) => {
    const tfs = await selectTimeframes(database, { tfs: values.tfs ?? null });
    const assets = await chooseAssets(database, ids);
    const labels = new Map(assets.map((asset) => [asset.id, labelOf(asset)]));
    const comparisons: AssetComparison[] = [];
    const source = values.source ?? configuredSourceText();
    const options = { ids: assets.map(({ id }) => id), origin, tfs, source };
    const found = await compareAssets(database, options, (comparison) => {
      comparisons.push(comparison);
      sayComparison(talk, comparison, {
        label: labels.get(comparison.id) ?? '',
        isVerbose: values.verbose === true,
      });
    });
    for (const reason of found.unreadable) talk.say(`[FAILED] not compared: ${reason}`);
    for (const { name, leftOut } of found.tables)
      for (const reason of leftOut) talk.say(`[WARNING] ${name}: ${reason}, and is not compared`);
    sayTotal(talk, comparisons, (performance.now() - startedMs) / 1000);
    const isExplained = comparisons.every(isGood) && found.unreadable.length === 0;
    if (values.json) talk.json(reportOf(comparisons, { origin, found, isExplained }));
    return isExplained ? 0 : 1;
  });
}

function isGood({ unexplained, error }: AssetComparison): boolean {
  return unexplained === 0 && error === null;
}

function reportOf(
  assets: readonly AssetComparison[],
  { origin, found, isExplained }: { origin: string; found: OriginTables; isExplained: boolean },
) {
  return {
    ...{ version: 2, isExplained, origin, tables: found.tables.map(({ name }) => name) },
    unreadable: found.unreadable,
    knownDifferences: KNOWN_DIFFERENCES,
    explained: Object.fromEntries(sumExplained(assets)),
    unexplained: assets.reduce((sum, { unexplained }) => sum + unexplained, 0),
    first: assets.flatMap(({ findings }) => findings)[0] ?? null,
    assets,
  };
}

function sum(assets: readonly AssetComparison[], field: 'theirs' | 'differing' | 'notTheirs'): number {
  return assets.flatMap(({ tables }) => tables).reduce((total, table) => total + table[field], 0);
}

function sayComparison(
  talk: Talk,
  comparison: AssetComparison,
  { label, isVerbose }: { label: string; isVerbose: boolean },
): void {
  const { error, findings, unexplained, tables } = comparison;
  if (error !== null) {
    talk.say(`[FAILED] ${label} could not be compared: ${error}`);
    return;
  }
  const rows = sum([comparison], 'theirs');
  if (rows === 0) {
    talk.say(`[INFO] ${label} has no rows in both schemas`);
    return;
  }
  talk.say(`${unexplained === 0 ? '[OK]' : '[FAILED]'} ${label} ${wordsOf([comparison])}`);
  for (const finding of isVerbose ? findings : findings.slice(0, 1))
    talk.say(`    ${formatFinding(finding)}`);
  if (!isVerbose) return;
  for (const table of tables.filter(({ theirs }) => theirs > 0)) {
    const absent = table.notTheirs === 0 ? '' : `, ${table.notTheirs} series of ours are not in theirs`;
    const how =
      table.revisions.length === 0 ? '' : `, by the rules of ${table.revisions.map(nameOf).join(' and ')}`;
    talk.say(
      `    ${table.table} up to ${table.upTo ?? 'no day'}: ${table.theirs} rows, ${table.differing} differ${how}${absent}`,
    );
  }
}

function nameOf(revision: Revision): string {
  return revision === 'head' ? 'its head' : 'its cmc tables';
}

/** "12 rows, 3 differ: raw_rows 3", and how many nothing explains. */
function wordsOf(assets: readonly AssetComparison[]): string {
  const unexplained = assets.reduce((total, asset) => total + asset.unexplained, 0);
  const rows = `${sum(assets, 'theirs')} rows`;
  if (sum(assets, 'differing') === 0) return `${rows}, all equal`;
  const reasons = [
    ...sumExplained(assets).map(([name, count]) => `${name} ${count}`),
    ...(unexplained === 0 ? [] : [`unexplained ${unexplained}`]),
  ];
  return `${rows}, ${sum(assets, 'differing')} differ: ${reasons.join(', ')}`;
}

function sayTotal(talk: Talk, assets: readonly AssetComparison[], seconds: number): void {
  const failed = assets.filter((asset) => !isGood(asset)).length;
  const count = `${assets.length} ${assets.length === 1 ? 'asset' : 'assets'}`;
  const verdict = failed === 0 ? '' : `, ${failed} with unexplained differences`;
  talk.say(
    `${failed === 0 ? '[OK]' : '[FAILED]'} ${count}: ${wordsOf(assets)}${verdict}, ${seconds.toFixed(1)} s`,
  );
  for (const [name] of sumExplained(assets)) talk.say(`[INFO] ${name}: ${KNOWN_DIFFERENCES[name]}`);
}
