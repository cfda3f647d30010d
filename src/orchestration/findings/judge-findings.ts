/** The end of a run: new 1D bars are judged for plausibility, and what no run has named yet is named. */
import { formatPriceFinding } from '../../domain/plausibility/finding.js';
import { judgePlausibility } from '../../domain/plausibility/judge.js';
import { holdLease, type LeaseToken } from '../../storage/lease/lease.js';
import {
  deleteFindingsWithoutBars,
  firstUnjudgedSeq,
  listUnjudged,
  listUnnamed,
  readDaysToJudge,
  readFindingWork,
  type StoredFinding,
  type UnjudgedAsset,
  writeFindings,
  writeNamed,
} from '../../storage/prices/findings.js';
import type { Database } from '../../storage/session/database.js';
import { describeError } from '../program/describe-error.js';
import { noteCause } from '../report/causes-of-report.js';
import type { Mark } from '../report/marks.js';
import type { RefreshReport } from '../report/refresh-report.js';

export interface FindingScope {
  database: Database;
  lease: LeaseToken;
  report: Pick<RefreshReport, 'causes' | 'warnings'>;
  signal: AbortSignal;
  marks: Mark[];
}

/** Bars that are held at once: a first judging of many assets goes in portions. */
const MOST_BARS = 20_000;
/** Findings with a line of their own; the rest are counted. */
const MOST_NAMED = 20;
const EXAMPLES = 3;

/**
 * Judges what has not been judged, of all assets, and names what is new in the report. Never throws: findings are no part of
 * the warehouse's numbers, and what was not judged or named is done by the next run.
 */
export async function judgeFindings(scope: FindingScope): Promise<void> {
  const { database, report, signal, marks } = scope;
  try {
    const work = await database.read(readFindingWork);
    if (work.unjudged > 0) await judgeAll(scope);
    if (signal.aborted || (work.unjudged === 0 && work.unnamed === 0)) return;
    const { recent, old } = await database.read(async (tx) => ({
      recent: await listUnnamed(tx, { isOld: false, limit: MOST_NAMED }),
      old: await listUnnamed(tx, { isOld: true, limit: EXAMPLES }),
    }));
    nameRecent(report, recent);
    nameOld(report, old);
    marks.push(writeNamed);
  } catch (error) {
    report.warnings.push(`days were not judged for plausibility: ${describeError(error)}`);
  }
}

async function judgeAll({ database, lease, signal }: FindingScope): Promise<void> {
  for (const portion of portionsOf(await database.read(listUnjudged))) {
    if (signal.aborted) return;
    await database.repeatable(async (tx) => {
      await holdLease(tx, lease);
      const days = await readDaysToJudge(tx, portion);
      const judged = portion.map((asset) => {
        const own = days.get(asset.id);
        const findings = own === undefined ? [] : judgePlausibility(own, own.from);
        // Days without a bar may lie between the last bar that stands and the first one that was judged.
        const standing = own?.day[own.from - 1];
        return { asset, fromDay: standing === undefined ? null : standing + 1, findings };
      });
      await writeFindings(tx, judged);
      await deleteFindingsWithoutBars(tx);
    });
  }
}

function* portionsOf(assets: readonly UnjudgedAsset[]): Generator<UnjudgedAsset[]> {
  let portion: UnjudgedAsset[] = [];
  let bars = 0;
  for (const asset of assets) {
    portion.push(asset);
    bars += asset.barSeq - firstUnjudgedSeq(asset) + 1;
    if (bars < MOST_BARS) continue;
    yield portion;
    portion = [];
    bars = 0;
  }
  if (portion.length > 0) yield portion;
}

/** "ID 5 2024-01-02: close is 1,000 times that of the day before". */
export function formatOfAsset(finding: Pick<StoredFinding, 'id' | 'day' | 'kind' | 'factor'>): string {
  return `ID ${finding.id} ${formatPriceFinding(finding)}`;
}

interface Unnamed {
  count: number;
  assets: number;
  first: readonly StoredFinding[];
}

/** So many assets with the same kind of finding on the same day are one line: the cause is the source, not the asset. */
const MANY_ALIKE = 4;

function nameRecent(report: FindingScope['report'], { count, first }: Unnamed): void {
  for (const alike of Map.groupBy(first, ({ day, kind }) => `${day} ${kind}`).values()) {
    if (alike.length < MANY_ALIKE) for (const finding of alike) nameAlike(report, finding, [finding]);
    else nameAlike(report, alike[0] as StoredFinding, alike);
  }
  if (count > first.length)
    noteCause(report, 'finding', {
      component: 'bars',
      sentence: `${count - first.length} more days are not plausible: "barwright asset findings" lists them`,
    });
}

/** Findings of one kind and day; each asset is an alert of its own. */
function nameAlike(
  report: FindingScope['report'],
  example: StoredFinding,
  alike: readonly StoredFinding[],
): void {
  const keyOf = ({ id, day, kind }: StoredFinding) => `bars: finding: ID ${id} ${day} ${kind}`;
  const isMany = alike.length > 1;
  noteCause(report, 'finding', {
    component: 'bars',
    ids: alike.map(({ id }) => id),
    sentence: isMany
      ? `${formatOfAsset(example)}; and the like on that day in ${alike.length - 1} more assets`
      : formatPriceFinding(example),
    key: isMany ? `bars: finding: ${example.day} ${example.kind}` : keyOf(example),
    command: isMany ? 'barwright asset findings' : `barwright explain ${example.id}`,
    ...(isMany && { alertParts: alike.map((finding) => ({ key: keyOf(finding), ids: [finding.id] })) }),
  });
}

/** Of a first load: counted, and listed on demand. */
function nameOld(report: FindingScope['report'], { count, assets, first }: Unnamed): void {
  if (count === 0) return;
  const examples = first.map(formatOfAsset).join('; ');
  const of = assets === 1 ? '' : `, of ${assets} assets,`;
  const days = count === 1 ? '1 day long past is' : `${count} days long past${of} are`;
  const rest = count > first.length ? ', and so on' : '';
  noteCause(report, 'old_findings', {
    component: 'bars',
    sentence: `${days} not plausible (${examples}${rest}): "barwright asset findings" lists them`,
  });
}
