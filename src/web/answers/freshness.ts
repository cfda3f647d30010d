/** The freshness grid: what storage knows of every table of every asset, judged and put into columns. */

import { DAY_US, dayOfUs, formatDay } from '../../domain/calendar/day.js';
import { assessLateness, DEFAULT_GRACE, type Grace } from '../../domain/calendar/lateness.js';
import { BAR_ALIGNMENTS } from '../../domain/calendar/timeframe.js';
import { alignmentsOfFamilies, EMA_FAMILIES } from '../../domain/planning/plan-emas.js';
import { alignmentsOfIndicators, INDICATOR_FAMILIES } from '../../domain/planning/plan-indicators.js';
import {
  type AssetFacts,
  judgeTable,
  TABLE_STATUSES,
  type TableFacts,
} from '../../domain/validation/table-freshness.js';
import {
  type AssetLateness,
  formatCalendar,
  readLateness,
} from '../../orchestration/lateness/read-lateness.js';
import { readFindingCounts } from '../../storage/prices/findings.js';
import { readNow } from '../../storage/reading/freshness.js';
import {
  type GridAsset,
  type GridFault,
  type GridSeries,
  listGridAssets,
  listGridBars,
  listGridEmas,
  listGridFaults,
  listGridIndicators,
} from '../../storage/reading/freshness-grid.js';
import type { Tx } from '../../storage/session/database.js';
import type { Source } from '../../storage/source/source.js';
import type {
  FreshnessColumns,
  FreshnessResponse,
  FreshnessTable,
  FreshnessTableKey,
} from '../api/api-freshness-types.js';
import { healthColumns } from './health.js';
import { isoOfUs } from './times.js';

const HOUR_US = 3_600_000_000;

const TABLES: readonly FreshnessTable[] = [
  { key: 'bars_1d', component: 'bars', alignments: [], label: '1D' },
  ...BAR_ALIGNMENTS.map(
    (alignment): FreshnessTable => ({
      key: `bars_${alignment}`,
      component: 'bars',
      alignments: [alignment],
      label: `bars ${alignment}`,
    }),
  ),
  ...EMA_FAMILIES.map(
    (family): FreshnessTable => ({
      key: `emas_${family}`,
      component: 'emas',
      alignments: [...alignmentsOfFamilies([family])],
      label: `EMAs ${family}`,
    }),
  ),
];

/** The columns of a warehouse with an active indicator. */
const INDICATOR_TABLES: readonly FreshnessTable[] = INDICATOR_FAMILIES.map((family) => ({
  key: `indicators_${family}`,
  component: 'indicators',
  alignments: alignmentsOfIndicators([family]),
  label: `indicators ${family}`,
}));

/** Everything that was read, by asset. */
interface Facts {
  nowUs: number;
  limitHours: number | null;
  latenesses: ReadonlyMap<number, AssetLateness>;
  tables: readonly FreshnessTable[];
  series: Readonly<Record<FreshnessTable['component'], ReadonlyMap<string, GridSeries>>>;
  faults: ReadonlyMap<string, GridFault>;
  /** Open findings by asset. */
  findings: ReadonlyMap<number, number>;
}

const keyOf = (id: number, name: string): string => `${id} ${name}`;

export interface FreshnessScope {
  source: Source;
  /** Typed: age in hours is what makes a table stale. null: the calendars of the assets do. */
  limitHours: number | null;
  grace?: Grace | undefined;
}

/** Reads the grid of all assets in the snapshot of this transaction. */
export async function readFreshness(
  tx: Tx,
  { source, limitHours, grace = DEFAULT_GRACE }: FreshnessScope,
): Promise<FreshnessResponse> {
  const lateness = await readLateness(tx, { ids: null, grace, source });
  const assets = await listGridAssets(tx, source);
  const bySeries = (list: readonly GridSeries[]) =>
    new Map(list.map((series) => [keyOf(series.id, series.alignment), series]));
  const indicators = await listGridIndicators(tx);
  const facts: Facts = {
    nowUs: await readNow(tx),
    limitHours,
    latenesses: new Map(lateness.assets.map((each) => [each.id, each])),
    tables: indicators === null ? TABLES : [...TABLES, ...INDICATOR_TABLES],
    series: {
      bars: bySeries(await listGridBars(tx)),
      emas: bySeries(await listGridEmas(tx)),
      indicators: bySeries(indicators ?? []),
    },
    faults: new Map((await listGridFaults(tx)).map((fault) => [keyOf(fault.id, fault.component), fault])),
    findings: await readFindingCounts(tx),
  };
  return gridOf(assets, facts);
}

function gridOf(assets: readonly GridAsset[], facts: Facts): FreshnessResponse {
  const reasons = new Map<string, number>();
  const counts = TABLE_STATUSES.map(() => 0);
  const cells = Object.fromEntries(
    facts.tables.map((table) => {
      const columns = newColumns();
      for (const asset of assets) addCell(columns, { asset, table, facts, reasons, counts });
      return [table.key, columns];
    }),
  ) as Record<FreshnessTableKey, FreshnessColumns>;
  const ids = assets.map(({ id }) => id);
  return {
    version: 1,
    now: isoOfUs(facts.nowUs),
    limitHours: facts.limitHours,
    statuses: [...TABLE_STATUSES],
    reasons: [...reasons.keys()],
    tables: [...facts.tables],
    counts,
    assets: {
      id: ids,
      symbol: assets.map(({ symbol }) => symbol),
      name: assets.map(({ name }) => name),
      isActive: assets.map(({ isActive }) => isActive),
      calendar: assets.map(({ id }) => calendarOf(facts, id)),
      lastSrcTs: assets.map(({ lastSrcUs }) => (lastSrcUs === null ? null : isoOfUs(lastSrcUs))),
      sourceTs: assets.map(({ sourceUs }) => (sourceUs === null ? null : isoOfUs(sourceUs))),
      provenAt: assets.map(({ provenUs }) => (provenUs === null ? null : isoOfUs(provenUs))),
      ...healthColumns(ids, cells, facts.findings),
    },
    cells,
  };
}

function calendarOf({ latenesses }: Facts, id: number): string | null {
  const lateness = latenesses.get(id);
  return lateness === undefined ? null : formatCalendar(lateness.calendar);
}

/** Of a table that has rows. */
const NOT_ASKED = { refusedFrom: null, source: '', hasCeased: false } as const;

/** How old is too old for an asset: typed hours, else its calendar. */
function judgementOf({ id, isActive }: GridAsset, facts: Facts): AssetFacts {
  const { nowUs, limitHours } = facts;
  const lateness = facts.latenesses.get(id);
  const isOld = (takenUs: number): boolean => {
    if (limitHours !== null) return nowUs - takenUs > limitHours * HOUR_US;
    if (lateness === undefined) return false;
    const { grace } = lateness;
    const { calendar } = lateness.calendar;
    const table = { id, calendar, grace, newestDay: dayOfUs(takenUs), ...NOT_ASKED };
    return assessLateness(table, nowUs).state === 'late';
  };
  return { isActive, nowUs, isOld, remark: limitHours === null ? remarkOf(lateness) : null };
}

function remarkOf(lateness: AssetLateness | undefined): string | null {
  if (lateness?.state === 'none') return 'history: no new day is expected';
  if (lateness?.state !== 'ceased') return null;
  return `ceased: no price for ${count(lateness.missingDays, 'expected day')}, while others of its source arrive`;
}

function newColumns(): FreshnessColumns {
  return { status: [], ageHours: [], lagDays: [], watermark: [], reason: [] };
}

interface Cell {
  asset: GridAsset;
  table: FreshnessTable;
  facts: Facts;
  reasons: Map<string, number>;
  counts: number[];
}

function addCell(columns: FreshnessColumns, { asset, table, facts, reasons, counts }: Cell): void {
  const { day, ...found } = factsOf(asset, table, facts);
  const { status, ageHours, reason } = judgeTable(judgementOf(asset, facts), found);
  const index = TABLE_STATUSES.indexOf(status);
  counts[index] = (counts[index] ?? 0) + 1;
  columns.status.push(index);
  columns.ageHours.push(ageHours === null ? null : Math.round(ageHours * 100) / 100);
  columns.lagDays.push(found.takenUs === null ? null : found.lagDays);
  columns.watermark.push(day === null ? null : formatDay(day));
  const known = reasons.get(reason) ?? reasons.size;
  reasons.set(reason, known);
  columns.reason.push(known);
}

const WORDS = {
  bars: { one: 'bar', many: 'bars' },
  emas: { one: 'EMA', many: 'EMAs' },
  indicators: { one: 'indicator', many: 'indicators' },
} as const;

type DatedFacts = TableFacts & { day: number | null };

function factsOf(asset: GridAsset, table: FreshnessTable, facts: Facts): DatedFacts {
  const fault = facts.faults.get(keyOf(asset.id, table.component));
  const quarantined = fault?.isQuarantined ? fault.reason : null;
  const failed = fault !== undefined && !fault.isQuarantined ? fault.reason : null;
  const sourceWaits = waitsOfSource(asset);
  const missing =
    asset.sourceUs === null
      ? 'the source has no prices of it'
      : `${count(asset.waitingRows, 'source day')} wait`;
  if (table.alignments.length === 0) {
    const { lastSrcUs, lastDay, waitingRows } = asset;
    const taken = { takenUs: lastSrcUs, day: lastDay, lagDays: waitingRows, waits: sourceWaits };
    return { quarantined, failed, missing, ...taken };
  }
  const { many, one } = WORDS[table.component];
  const known = facts.series[table.component];
  const found = table.alignments.map((name) => known.get(keyOf(asset.id, name)));
  const series = slowestOf(found);
  const common = { quarantined, failed };
  if (series === null) {
    const why = asset.bars === 0 ? missing : `1D bars are there, no run has made these ${many}`;
    return { ...common, missing: why, takenUs: null, day: null, lagDays: 0, waits: [] };
  }
  const waits = [...sourceWaits, ...waitsOfSeries(series, one)];
  const isLevel = series.lagDays === 0;
  const takenUs = isLevel ? asset.lastSrcUs : series.day === null ? null : (series.day + 1) * DAY_US - 1000;
  const lagDays = asset.waitingRows + series.lagDays;
  return {
    ...common,
    missing: '1D bars are there, no run has made these bars',
    takenUs,
    day: series.day,
    lagDays,
    waits,
  };
}

/** Of several alignments the one that is worst off; null when one has nothing at all. */
function slowestOf(found: readonly (GridSeries | undefined)[]): GridSeries | null {
  const known = found.filter((series) => series !== undefined);
  if (known.length < found.length) return null;
  const isWorse = (a: GridSeries, b: GridSeries) =>
    a.lagDays > b.lagDays || (a.lagDays === b.lagDays && a.repairFrom !== null && b.repairFrom === null);
  return known.reduce((worst, series) => (isWorse(series, worst) ? series : worst));
}

function waitsOfSource({ waitingRows, changedFrom, sourceUs, lastSrcUs }: GridAsset): string[] {
  return [
    ...(waitingRows > 0 ? [`${count(waitingRows, 'source day')} wait for a refresh`] : []),
    ...(changedFrom === null ? [] : [`changes of days from ${dayText(changedFrom)} on wait for a refresh`]),
    ...(sourceUs === null && lastSrcUs !== null ? ['the source has lost its prices'] : []),
  ];
}

function waitsOfSeries({ laggingSeries, lagDays, day, repairFrom }: GridSeries, kind: string): string[] {
  return [
    ...(laggingSeries > 0 ? [`${laggingSeries} ${kind} series lag, the slowest at ${dayText(day)}`] : []),
    ...(laggingSeries === 0 && lagDays > 0
      ? [`${count(lagDays, '1D bar')} wait, it stands at ${dayText(day)}`]
      : []),
    ...(repairFrom === null ? [] : [`${kind}s wait for repair from ${dayText(repairFrom)}`]),
  ];
}

/** A note about everything speaks of an infinite day. */
function dayText(day: number | null): string {
  if (day === null) return 'nothing';
  return Number.isFinite(day) ? formatDay(day) : 'the first day';
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
