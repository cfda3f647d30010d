import { randomInt } from 'node:crypto';
import { Command } from 'commander';
import { type AssetVerdict, isClean, isNeverBuilt } from '../../../components/verify/verdict.js';
import { verifyAssets } from '../../../components/verify/verify-assets.js';
import { UsageError } from '../../../domain/text/errors.js';
import { formatIds, parseIdList } from '../../../domain/text/ids.js';
import { sampleOf } from '../../../domain/text/sample.js';
import { formatFinding } from '../../../domain/validation/difference.js';
import { type Asset, listUnregisteredIds } from '../../../storage/assets/assets.js';
import type { Database } from '../../../storage/session/database.js';
import { readSource } from '../../../storage/source/source.js';
import { configuredSourceText, readSourceOption } from '../../options/named-sources.js';
import { DATABASE_OPTIONS, type OptionValues, withOptions } from '../../options/options.js';
import { createTalk, type Talk } from '../../output/messages.js';
import type { Act } from '../../running/action.js';
import { chooseAssets, labelOf } from '../../running/choose-assets.js';
import { withDatabase } from '../../running/with-database.js';

/** `--source` alone is the flag; with a value it names the relation. */
type VerifyValues = Omit<OptionValues, 'source'> & { source?: string | true };

/** `barwright verify`: proof that what is stored is what a rebuild makes. */
export function verifyCommand(act: Act): Command {
  const command = new Command('verify').description(
    'Rebuild every series in memory, compare it with what is stored, byte for byte, and print the hashes.',
  );
  return withOptions(command, [
    'ids',
    'sample',
    'seed',
    'sourceCheck',
    ...DATABASE_OPTIONS,
    'verbose',
    'json',
  ]).action((values: VerifyValues) => act(runVerify(values)));
}

interface Sample {
  percent: number;
  seed: number;
}

async function runVerify({ source, ...values }: VerifyValues): Promise<number> {
  const talk = createTalk(values.json ?? false);
  const ids = parseIdList(values.ids);
  const sample = sampleAsked(values);
  const startedMs = performance.now();
  return withDatabase(values, { talk }, async (database) => {
    const from = sourceAsked(source);
    const all = [
      ...(await chooseAssets(database, ids)),
      ...(from === null || ids !== null ? [] : await listUnregistered(database, from.relation)),
    ];
    const assets = sample === null ? all : sampleOf(all, sample.percent, sample.seed);
    if (sample !== null)
      talk.say(
        `[INFO] sample: ${assets.length} of ${countOf(all.length, 'asset', 'assets')}; --seed ${sample.seed} repeats it`,
      );
    const labels = new Map(assets.map((asset) => [asset.id, labelOf(asset)]));
    const verdicts: AssetVerdict[] = [];
    const sha256 = await verifyAssets(
      database,
      { ids: assets.map(({ id }) => id), source: from },
      (verdict) => {
        verdicts.push(verdict);
        sayVerdict(talk, labels.get(verdict.id) ?? '', { verdict, isVerbose: values.verbose ?? false });
      },
    );
    sayTotal(talk, verdicts, { sha256, seconds: (performance.now() - startedMs) / 1000 });
    const isEqual = verdicts.every(isClean);
    if (values.json) talk.json(reportOf(assets, verdicts, { sha256, sample, isEqual }));
    return isEqual ? 0 : 1;
  });
}

/** Assets of the source that are not registered: the store lacks all of them. */
async function listUnregistered(database: Database, relation: string | null): Promise<Asset[]> {
  const ids = await database.read(async (tx) => listUnregisteredIds(tx, await readSource(tx, relation)));
  return ids.map((id) => ({
    ...{ id, symbol: null, name: null, assetClass: 'unknown', quoteCurrency: null },
    isActive: true,
  }));
}

function sampleAsked({ sample, seed }: Pick<OptionValues, 'sample' | 'seed'>): Sample | null {
  if (sample === undefined) {
    if (seed !== undefined) throw new UsageError('--seed repeats a sample: it needs --sample');
    return null;
  }
  return { percent: sample, seed: seed ?? randomInt(2 ** 32) };
}

/** null: from the 1D bars. BARWRIGHT_SOURCE, or the file, says what the flag alone means, as for a refresh. */
function sourceAsked(source: string | true | undefined): { relation: string | null } | null {
  if (source === undefined) return null;
  const typed = source === true ? process.env.BARWRIGHT_SOURCE || null : source;
  return { relation: typed === null ? configuredSourceText() : readSourceOption(typed) };
}

function reportOf(
  assets: readonly Asset[],
  verdicts: readonly AssetVerdict[],
  { sha256, sample, isEqual }: { sha256: string; sample: Sample | null; isEqual: boolean },
) {
  const symbols = new Map(assets.map(({ id, symbol }) => [id, symbol]));
  return {
    version: 1,
    isEqual,
    sha256,
    sample,
    assets: verdicts.map((verdict) => ({ symbol: symbols.get(verdict.id) ?? null, ...verdict })),
  };
}

/** Days that are listed by name. */
const MOST_DAYS = 20;

function sayVerdict(
  talk: Talk,
  label: string,
  { verdict, isVerbose }: { verdict: AssetVerdict; isVerbose: boolean },
): void {
  const { error, bars, points, differences, findings, sourceDays, waiting } = verdict;
  if (error !== null) {
    talk.say(`[FAILED] ${label} could not be compared: ${error}`);
    return;
  }
  const rows = `${bars} bars ${points} points sha256:${verdict.sha256}`;
  const [first] = findings;
  if (isNeverBuilt(verdict)) talk.say(`[SKIPPED] ${label}: nothing is stored of it`);
  else if (first === undefined) talk.say(`[OK] ${label} ${rows}`);
  else {
    const tables = Object.entries(verdict.byTable).map(([table, count]) => `${table} ${count}`);
    talk.say(
      `[FAILED] ${label} ${rows}, ${countOf(differences, 'row differs', 'rows differ')} (${tables.join(', ')})`,
    );
    for (const finding of isVerbose ? findings : [first]) talk.say(`    ${formatFinding(finding)}`);
  }
  if (sourceDays !== null && sourceDays.length > 0) {
    talk.say(`    days that differ from the source: ${sourceDays.length}`);
    for (const { day, what } of sourceDays.slice(0, MOST_DAYS)) talk.say(`      ${day} ${what}`);
    if (sourceDays.length > MOST_DAYS) talk.say(`      and ${sourceDays.length - MOST_DAYS} more`);
  }
  const { unbuiltBars, unbuiltEmas, lostSeries, lastFailure } = verdict;
  if (lostSeries > 0) talk.say(`    series that were built and are gone: ${lostSeries}`);
  if (unbuiltBars + unbuiltEmas > 0)
    talk.say(`    [INFO] not built: ${unbuiltBars} series of bars, ${unbuiltEmas} of EMAs`);
  if (lastFailure !== null) talk.say(`    [WARNING] its newest work failed: ${lastFailure}`);
  for (const { alignment, waitsFor } of waiting) talk.say(`    [INFO] ${whatWaits(alignment, waitsFor)}`);
  if (isVerbose) for (const { name, sha256 } of verdict.series) talk.say(`    ${name} sha256:${sha256}`);
}

/** What waits of indicators says so itself. */
function whatWaits(alignment: string, waitsFor: string): string {
  const isOfIndicators = waitsFor.startsWith(OF_INDICATORS);
  const what = isOfIndicators ? 'indicators' : 'EMAs';
  const why = isOfIndicators ? waitsFor.slice(OF_INDICATORS.length) : waitsFor;
  return `${what} of ${alignment} were not compared: they wait for ${why}`;
}

const OF_INDICATORS = 'indicators: ';

function sayTotal(
  talk: Talk,
  verdicts: readonly AssetVerdict[],
  { sha256, seconds }: { sha256: string; seconds: number },
): void {
  const sum = (get: (verdict: AssetVerdict) => number) =>
    verdicts.reduce((total, verdict) => total + get(verdict), 0);
  const wrong = verdicts.filter((verdict) => !isClean(verdict));
  const unbuilt = verdicts.filter(isNeverBuilt);
  const counts = [
    countOf(verdicts.length, 'asset', 'assets'),
    `${sum(({ bars }) => bars)} bars`,
    `${sum(({ points }) => points)} points`,
    wrong.length === 0 ? 'equal to a rebuild' : countOf(wrong.length, 'asset differs', 'assets differ'),
    ...(unbuilt.length === 0
      ? []
      : [`nothing stored of ${unbuilt.length}: ${formatIds(unbuilt.map(({ id }) => id))}`]),
  ];
  const tag = wrong.length === 0 ? '[OK]' : '[FAILED]';
  talk.say(`${tag} ${counts.join(', ')}, ${seconds.toFixed(1)} s sha256:${sha256}`);
  if (wrong.length === 0) return;
  for (const remedy of listRemedies(wrong)) talk.say(`[INFO] ${remedy}`);
}

function countOf(count: number, one: string, several: string): string {
  return `${count} ${count === 1 ? one : several}`;
}

/** What to type, from the cheapest on. */
function listRemedies(wrong: readonly AssetVerdict[]): string[] {
  const ids = formatIds(wrong.map(({ id }) => id));
  const hasChanged = wrong.some(({ sourceDays }) => sourceDays !== null && sourceDays.length > 0);
  const hasStates = wrong.some(({ byTable }) =>
    Object.keys(byTable).some((table) => /_state$|_lag$/.test(table)),
  );
  const hasLost = wrong.some(({ lostSeries }) => lostSeries > 0);
  return [
    ...(hasLost ? [`"barwright refresh --all --ids ${ids}" builds series that are gone`] : []),
    ...(hasChanged ? [`"barwright refresh --all --ids ${ids}" takes in what the source has changed`] : []),
    ...(hasStates && !hasChanged && !hasLost
      ? [`"barwright state rebuild --ids ${ids}" restores states from the data`]
      : []),
    `"barwright refresh --all --full-rebuild --ids ${ids}" makes everything again from the source`,
  ];
}
