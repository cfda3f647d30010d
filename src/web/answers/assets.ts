/** One asset: what is known of it, and the columns of its chart. */

import { type Day, formatDay } from '../../domain/calendar/day.js';
import { hasBars } from '../../domain/calendar/timeframe.js';
import { INDICATOR_KINDS } from '../../domain/indicators/index.js';
import { isOfKinds, parseIndicator } from '../../domain/indicators/name.js';
import { isConfiguredText } from '../../domain/source/description.js';
import { UsageError } from '../../domain/text/errors.js';
import { type ExplainScope, explainAsset } from '../../orchestration/inspect/read-explanation.js';
import { listAssets } from '../../storage/assets/assets.js';
import { readPeriods, readTimeframes } from '../../storage/assets/dimensions.js';
import { readActiveIndicators } from '../../storage/indicators/dimension.js';
import {
  type ChartBar,
  type ChartEmas,
  type ChartScope,
  type ChartValue,
  findNewest,
  findOpenBar,
  type GapScope,
  listClosedBars,
  listDailyBars,
  listEmaCloses,
  listEmas,
  listGaps,
  listIndicatorValues,
  listNotes,
} from '../../storage/reading/chart.js';
import { findAlignment, findIsKnown } from '../../storage/reading/export.js';
import type { Database, Tx } from '../../storage/session/database.js';
import type {
  AssetListResponse,
  AssetResponse,
  BarsResponse,
  EmasResponse,
  IndicatorsResponse,
  MarksResponse,
  TimeframesResponse,
} from '../api/api-asset-types.js';
import { NotFoundError } from './errors.js';
import type { EmaChoice, SeriesQuery } from './params.js';

/** What is known of an asset, with its explanation as `barwright explain --json` gives it. */
export async function readAsset(
  database: Database,
  { id, source, stalenessHours, lateAfter }: Omit<ExplainScope, 'flags'>,
): Promise<AssetResponse> {
  const flags = {
    database: [],
    source: source === null || isConfiguredText(source) ? [] : ['--source', source],
  };
  const explanation = await explainAsset(database, { id, source, stalenessHours, lateAfter, flags }).catch(
    (error: unknown) => {
      throw error instanceof UsageError ? new NotFoundError(error.message) : error;
    },
  );
  return {
    version: 1,
    id,
    symbol: explanation.symbol,
    name: explanation.name,
    isActive: explanation.standing === 'active',
    firstDay: explanation.dailyBars?.firstDay ?? null,
    lastDay: explanation.dailyBars?.lastDay ?? null,
    explanation,
  };
}

/** Every asset by its names: what a search and the steps from one asset to the next are made of. */
export async function readAssetList(tx: Tx): Promise<AssetListResponse> {
  const assets = await listAssets(tx);
  return {
    version: 1,
    assets: {
      id: assets.map(({ id }) => id),
      symbol: assets.map(({ symbol }) => symbol),
      name: assets.map(({ name }) => name),
      isActive: assets.map(({ isActive }) => isActive),
    },
  };
}

async function scopeOf(tx: Tx, query: SeriesQuery, kind: 'bars' | 'emas'): Promise<ChartScope> {
  const { id, tf, fromDay, toDay } = query;
  if (!(await findIsKnown(tx, id))) throw new NotFoundError(`no such asset: ${id}`);
  const alignment = await findAlignment(tx, { kind, alignment: query.alignment }, tf);
  const scope = { id, alignment, tf, fromDay, toDay };
  if (query.newest === null) return scope;
  const until = { ...scope, toDay: earlier(query.asofDay, toDay) };
  return { ...scope, fromDay: later(fromDay, await findNewest(tx, until, query.newest)) };
}

/** Bars of one series, the open one last. */
export async function readBars(tx: Tx, query: SeriesQuery): Promise<BarsResponse> {
  const { asofDay, toDay } = query;
  const scope = await scopeOf(tx, query, 'bars');
  const known = { ...scope, toDay: asofDay ?? toDay };
  const shown = { ...scope, toDay: earlier(asofDay, toDay) };
  const isDaily = scope.tf === '1D';
  const closed = isDaily ? await listDailyBars(tx, shown) : await listClosedBars(tx, shown);
  const open = isDaily ? null : await findOpenBar(tx, asofDay === null ? { ...known, toDay: null } : known);
  const isShown =
    open !== null && (toDay === null || open[2] <= toDay) && open[2] >= (scope.fromDay ?? open[2]);
  return {
    version: 1,
    id: scope.id,
    alignment: scope.alignment,
    tf: scope.tf,
    asof: asofDay === null ? null : formatDay(asofDay),
    isLastOpen: isShown,
    bars: barColumns(isShown ? [...closed, open] : closed),
  };
}

function earlier(a: Day | null, b: Day | null): Day | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

function later(a: Day | null, b: Day | null): Day | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}

function barColumns(rows: readonly ChartBar[]): BarsResponse['bars'] {
  return {
    barSeq: rows.map((row) => row[0]),
    firstDay: rows.map((row) => formatDay(row[1])),
    day: rows.map((row) => formatDay(row[2])),
    open: rows.map((row) => row[3]),
    high: rows.map((row) => row[4]),
    low: rows.map((row) => row[5]),
    close: rows.map((row) => row[6]),
    volume: rows.map((row) => row[7]),
    missingDays: rows.map((row) => row[8]),
  };
}

/** Values of EMAs of one series, all periods on the same days: every day's, or those at closes and of the newest day. */
export async function readEmas(tx: Tx, query: SeriesQuery & EmaChoice): Promise<EmasResponse> {
  const scope = await scopeOf(tx, query, 'emas');
  const known = await readPeriods(tx);
  const unknown = query.periods.find((period) => !known.includes(period));
  if (unknown !== undefined)
    throw new UsageError(`no period ${unknown} in dim_period, which has ${known.join(', ')}`);
  const rows = await readRows(tx, scope, query);
  const isWanted = (kind: EmaChoice['kind']) => query.kind === null || query.kind === kind;
  return {
    version: 1,
    id: scope.id,
    alignment: scope.alignment,
    tf: scope.tf,
    day: rows.map(([day]) => formatDay(day)),
    isClosing: rows.map(([, isPreview]) => (isPreview ? 0 : 1)),
    series: query.periods.map((period, at) => ({
      period,
      ema: isWanted('ema') ? rows.map((row) => row[2][at] ?? null) : [],
      emaBar: isWanted('ema_bar') ? rows.map((row) => row[3][at] ?? null) : [],
    })),
  };
}

async function readRows(tx: Tx, scope: ChartScope, { periods, previews }: EmaChoice): Promise<ChartEmas[]> {
  if (previews === 'last' && scope.alignment !== 'v2') return listEmaCloses(tx, scope, periods);
  const byDay = new Map<number, ChartEmas>();
  for (const [at, period] of periods.entries())
    for (const [day, isPreview, ema, emaBar] of await listEmas(tx, scope, period)) {
      const row: ChartEmas = byDay.get(day) ?? [day, isPreview, [], []];
      byDay.set(day, row);
      row[2][at] = ema;
      row[3][at] = emaBar;
    }
  const rows = [...byDay.values()].sort(([a], [b]) => a - b);
  return previews === 'all' ? rows : rows.filter(([, isPreview], at) => !isPreview || at === rows.length - 1);
}

/** Values of indicators at the closes of one series. */
export async function readIndicators(
  tx: Tx,
  query: SeriesQuery & { names: readonly string[] },
): Promise<IndicatorsResponse> {
  const scope = await scopeOf(tx, query, 'bars');
  const known = await readActiveIndicators(tx);
  const unknown = query.names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `the indicator ${unknown} is not active: active are ${known.length === 0 ? 'none' : known.join(', ')}`,
    );
  const byName = Map.groupBy(await listIndicatorValues(tx, scope, query.names), ([name]) => name);
  return {
    version: 1,
    id: scope.id,
    alignment: scope.alignment,
    tf: scope.tf,
    series: query.names.flatMap((indicator) => seriesOf(indicator, byName)),
  };
}

/** Outputs of an indicator, in its order; those of the user's own are found among `names` and in that order. */
function outputsOf(indicator: string, names: Iterable<string>): { name: string; isPrice: boolean }[] {
  if (isOfKinds(indicator, INDICATOR_KINDS)) return [...parseIndicator(indicator).outputs];
  return [...names].filter((name) => isOutputOf(name, indicator)).map((name) => ({ name, isPrice: false }));
}

/** Names of the outputs of an indicator that are among `names`. */
export function outputNamesOf(indicator: string, names: ReadonlySet<string>): string[] {
  return outputsOf(indicator, names).flatMap(({ name }) => (names.has(name) ? [name] : []));
}

/** A series for each output, in the order of the indicator; those of the user's own in that of their names. */
function seriesOf(
  indicator: string,
  byName: ReadonlyMap<string, readonly ChartValue[]>,
): IndicatorsResponse['series'] {
  return outputsOf(indicator, byName.keys()).flatMap(({ name, isPrice }) => {
    const rows = byName.get(name) ?? [];
    if (rows.length === 0) return [];
    return [
      {
        ...{ name, indicator, isPrice },
        day: rows.map((row) => formatDay(row[1])),
        value: rows.map((row) => row[2]),
        isLastPreview: rows.at(-1)?.[3] === true,
      },
    ];
  });
}

/** Whether it is the indicator's name, alone or with a word after a dot: numbers of names have dots too. */
function isOutputOf(name: string, indicator: string): boolean {
  return (
    name === indicator ||
    (name.startsWith(`${indicator}.`) && /^[a-z]/.test(name.slice(indicator.length + 1)))
  );
}

/** Gaps, repairs and rejects. */
export async function readMarks(
  tx: Tx,
  { id, fromDay, toDay, expectations }: GapScope,
): Promise<MarksResponse> {
  if (!(await findIsKnown(tx, id))) throw new NotFoundError(`no such asset: ${id}`);
  const scope: ChartScope = { id, alignment: 'multi_tf', tf: '1D', fromDay, toDay };
  const notes = await listNotes(tx, scope);
  const marksOf = (action: string) =>
    notes
      .filter((note) => note.action === action)
      .map(({ day, reasons }) => ({ day: formatDay(day), reasons }));
  return {
    version: 1,
    id,
    gaps: (await listGaps(tx, { ...scope, expectations })).map(
      ({ firstDay, lastDay, days, refusedRows }) => ({
        firstDay: formatDay(firstDay),
        lastDay: formatDay(lastDay),
        days,
        refusedRows,
      }),
    ),
    repairs: marksOf('repaired'),
    rejects: marksOf('rejected'),
  };
}

/** What there is to choose from. */
export async function readChoices(tx: Tx): Promise<TimeframesResponse> {
  const timeframes = await readTimeframes(tx);
  return {
    version: 1,
    timeframes: timeframes.map((timeframe) => ({
      alignment: timeframe.alignment,
      tf: timeframe.tf,
      tfDays: timeframe.nominalDays,
      hasBars: hasBars(timeframe) || (timeframe.alignment === 'multi_tf' && timeframe.tf === '1D'),
    })),
    periods: await readPeriods(tx),
    indicators: await readActiveIndicators(tx),
  };
}
