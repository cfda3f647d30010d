/** Proof that what is stored is what a rebuild makes: each asset rebuilt in memory and compared byte for byte. */
import type { Finding } from '../../domain/validation/difference.js';
import { readPeriods, readTimeframes } from '../../storage/assets/dimensions.js';
import { hashAssets } from '../../storage/copy/value-hash.js';
import { listWrongHeaders, type WrongHeader } from '../../storage/emas/ema-state-headers.js';
import { describeFailure, isCommonFailure } from '../../storage/failures/failures.js';
import { findLastFailure } from '../../storage/runs/last-failure.js';
import { listUnlisted, type UnlistedSeries } from '../../storage/series/built.js';
import type { Database, Tx } from '../../storage/session/database.js';
import { readSource, type Source } from '../../storage/source/source.js';
import {
  type Catalogue,
  compareTable,
  type ExpectedAsset,
  expectAsset,
  SERIES_TABLES,
} from '../expected/asset.js';
import { findWrongBases, type WrongBase } from '../expected/bases.js';
import { compareIndicators } from '../expected/indicators.js';
import { readStoredAsset, SHAPES, type StoredAsset } from '../expected/stored-asset.js';
import { judgeSource } from '../writing/judge-source.js';
import { type ComparedDays, compareSourceDays, compareStoredDays } from './compare-days.js';
import { describeDifference, type PlacedDifference, placeDifference } from './describe-difference.js';
import { countLost, findingsOfIndicators, waitingIndicators } from './indicator-findings.js';
import { hashStored } from './series-hashes.js';
import type { AssetVerdict } from './verdict.js';

export interface VerifyOptions {
  ids: readonly number[];
  /** null: from the stored 1D bars. `relation` null: our own table. */
  source: { relation: string | null } | null;
}

/** Findings that a verdict keeps. */
const MOST_FINDINGS = 100;

/**
 * Verifies assets one after the other, each in a read-only snapshot of its own; nothing is written. Emits a verdict for
 * each and returns the hash of them all, in the order of `ids`. An asset that cannot be compared has an error in its verdict;
 * throws when the source cannot be read and when the database is lost.
 */
export async function verifyAssets(
  database: Database,
  { ids, source: from }: VerifyOptions,
  emit: (verdict: AssetVerdict) => void,
): Promise<string> {
  const source = from === null ? null : await database.read((tx) => readSource(tx, from.relation));
  const hashes: { id: number; hash: Buffer }[] = [];
  for (const id of ids) {
    const verdict = await database.read((tx) => verifyAsset(tx, id, source)).catch(failedVerdict(id));
    hashes.push({ id, hash: Buffer.from(verdict.sha256, 'hex') });
    emit(verdict);
  }
  return hashAssets(hashes).toString('hex');
}

function failedVerdict(id: number): (error: unknown) => AssetVerdict {
  return (error) => {
    if (isCommonFailure(error)) throw error;
    return {
      ...{
        id,
        days: 0,
        bars: 0,
        points: 0,
        sha256: '',
        series: [],
        differences: 0,
        byTable: {},
        findings: [],
      },
      ...{ sourceDays: null, waiting: [], unbuiltBars: 0, unbuiltEmas: 0, lostSeries: 0 },
      ...{ lastFailure: null, error: describeFailure(error) },
    };
  };
}

/** Compares one asset in the snapshot of the open transaction. */
async function verifyAsset(tx: Tx, id: number, source: Source | null): Promise<AssetVerdict> {
  const catalogue = { timeframes: await readTimeframes(tx), periods: await readPeriods(tx) };
  const stored = await readStoredAsset(tx, id);
  const compared = await compareDays(tx, stored, source);
  const expected = expectAsset(stored, compared.days, catalogue);
  const differences = compared.isBroken ? [] : compareSeries(stored, expected, catalogue);
  const indicators = await compareIndicators(tx, id, stored.built.indicators);
  const beside = [
    ...(await listWrongHeaders(tx, id)).map(findingOfHeader),
    ...(await listUnlisted(tx, id, stored.built)).map(findingOfUnlisted),
    ...indicators.flatMap(findingsOfIndicators),
    ...(await findWrongBases(tx, { id, days: compared.isBroken ? null : compared.days, ...catalogue })).map(
      findingOfBase,
    ),
  ];
  const { hash, series } = hashStored(stored);
  return {
    id,
    days: stored.daily.rows.size,
    bars: stored.bars.rows.size,
    points: stored.points.rows.size,
    sha256: hash.toString('hex'),
    series: series.map((each) => ({ name: each.name, sha256: each.hash.toString('hex') })),
    ...summarize(stored, [...compared.findings, ...beside], differences),
    sourceDays: compared.sourceDays,
    waiting: [
      ...[...expected.waiting].map(([alignment, waitsFor]) => ({ alignment, waitsFor })),
      ...waitingIndicators(indicators),
    ],
    unbuiltBars: expected.unbuiltBars,
    unbuiltEmas: expected.unbuiltEmas,
    lostSeries: expected.lostSeries + countLost(indicators),
    lastFailure: await findLastFailure(tx, id),
    error: null,
  };
}

function findingOfHeader({ table, alignment, stored, expected }: WrongHeader): Finding {
  return {
    ...{ table, series: alignment, barSeq: null, day: null, kind: 'changed', column: null, stored, expected },
    remark: 'the header over its series, by which plans are made',
  };
}

function findingOfUnlisted({ owner, alignment, tf }: UnlistedSeries): Finding {
  return {
    ...{ table: 'series_built', series: `${alignment} ${tf}`, barSeq: null, day: null, kind: 'missing' },
    ...{ column: owner, stored: null, expected: null },
    remark: 'the series is there, and the list of what was built lacks it',
  };
}

function findingOfBase({ table, series, remark }: WrongBase): Finding {
  return {
    ...{
      table,
      series,
      barSeq: null,
      day: null,
      kind: 'changed',
      column: null,
      stored: null,
      expected: null,
    },
    remark: `${remark}: a repair would start from it`,
  };
}

async function compareDays(tx: Tx, stored: StoredAsset, source: Source | null): Promise<ComparedDays> {
  if (source === null) return compareStoredDays(stored);
  // Without a watermark nothing says how far it had come: everything that the source has should be there.
  const upToUs = stored.dailyState?.lastSrcUs ?? null;
  const storedHash = stored.dailyState?.srcHash ?? null;
  return compareSourceDays(stored, await judgeSource(tx, source, { id: stored.id, upToUs, storedHash }));
}

/** `isOrphan`: its timeframe was taken out of dim_timeframe. */
type SeriesDifference = PlacedDifference & { isOrphan: boolean };

/** All differences of the series' tables, each table in the order of alignments, timeframes and numbers. */
function compareSeries(
  stored: StoredAsset,
  expected: ExpectedAsset,
  { timeframes }: Catalogue,
): SeriesDifference[] {
  const ranks = new Map(timeframes.map(({ alignment, tf }, rank) => [`${alignment} ${tf}`, rank]));
  const rank = ({ series }: PlacedDifference) => ranks.get(series) ?? Number.MAX_SAFE_INTEGER;
  return SERIES_TABLES.flatMap((name) =>
    compareTable(stored, expected, name)
      .map((difference) => placeDifference(name, difference))
      .sort((a, b) => rank(a) - rank(b) || compareText(a.series, b.series) || a.barSeq - b.barSeq)
      .map((placed) => ({ ...placed, isOrphan: name !== 'emaAssets' && !ranks.has(placed.series) })),
  );
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function summarize(
  stored: StoredAsset,
  ofAsset: readonly Finding[],
  differences: readonly SeriesDifference[],
): Pick<AssetVerdict, 'differences' | 'byTable' | 'findings'> {
  const findings = [
    ...ofAsset,
    ...differences.slice(0, MOST_FINDINGS).map((placed): Finding => {
      const finding = describeDifference(placed, stored);
      return placed.isOrphan ? { ...finding, remark: 'its timeframe is not in dim_timeframe' } : finding;
    }),
  ];
  const byTable: Record<string, number> = {};
  const count = (table: string) => {
    byTable[table] = (byTable[table] ?? 0) + 1;
  };
  for (const { table } of ofAsset) count(table);
  for (const { name } of differences) count(SHAPES[name].table);
  return {
    differences: ofAsset.length + differences.length,
    byTable,
    findings: findings.slice(0, MOST_FINDINGS),
  };
}
