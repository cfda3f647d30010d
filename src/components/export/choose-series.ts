/** From what was typed to series, columns and a request: names that there are not are refused with those that there are. */
import { type Day, formatDay } from '../../domain/calendar/day.js';
import { type Alignment, hasBars, type Timeframe } from '../../domain/calendar/timeframe.js';
import { UsageError } from '../../domain/text/errors.js';
import { readPeriods, readTimeframes } from '../../storage/assets/dimensions.js';
import type { ExportKind } from '../../storage/reading/export.js';
import { readOutputNames } from '../../storage/reading/export-rows.js';
import type { Tx } from '../../storage/session/database.js';
import type { ExportColumn } from './formats/batch.js';
import { indicatorOf, type SeriesChoice } from './kinds/request.js';
import type { ManifestRequest } from './manifest.js';

/** What was asked for, as it was typed; null: all. */
export interface TypedRequest {
  alignment: Alignment | null;
  tfs: readonly string[] | null;
  periods: readonly number[] | null;
  indicators: readonly string[] | null;
  columns: readonly string[] | null;
  /** Both inclusive; null: no bound. */
  fromDay: Day | null;
  toDay: Day | null;
  hasSnapshots: boolean;
}

/** The request as a manifest has it: lists in an order of their own. */
export function requestOf(request: TypedRequest): ManifestRequest {
  const { alignment, tfs, periods, indicators, columns, fromDay, toDay, hasSnapshots } = request;
  return {
    alignment,
    tfs: sorted(tfs),
    periods: periods === null ? null : [...periods].sort((a, b) => a - b),
    indicators: sorted(indicators),
    columns: sorted(columns),
    from: fromDay === null ? null : formatDay(fromDay),
    to: toDay === null ? null : formatDay(toDay),
    snapshots: hasSnapshots,
  };
}

function sorted(names: readonly string[] | null): string[] | null {
  return names === null ? null : [...names].sort();
}

/** Columns by which a row is known: a file always has them. */
const KEYS = ['id', 'alignment', 'tf', 'period', 'name', 'day'];

/** The columns that were asked for, with those by which a row is known, in the order of the kind. */
export function chooseColumns(
  all: readonly ExportColumn[],
  names: readonly string[] | null,
): readonly ExportColumn[] {
  const unknown = names?.find((name) => !all.some((column) => column.name === name));
  if (unknown !== undefined)
    throw new UsageError(`no column "${unknown}", there are ${all.map(({ name }) => name).join(', ')}`);
  return all.filter(({ name }) => names === null || names.includes(name) || KEYS.includes(name));
}

/** The series that are meant. Throws UsageError for names that there are not, and for what the kind does not take. */
export async function chooseSeries(tx: Tx, kind: ExportKind, request: TypedRequest): Promise<SeriesChoice> {
  refuseMisfits(kind, request);
  const { periods, indicators, fromDay, toDay, hasSnapshots } = request;
  if (periods !== null) {
    const known = await readPeriods(tx);
    const unknown = periods.find((period) => !known.includes(period));
    if (unknown !== undefined)
      throw new UsageError(`no period ${unknown} in dim_period, which has ${known.join(', ')}`);
  }
  if (indicators !== null) refuseUnknown(indicators, await readOutputNames(tx));
  const timeframes = kind === 'daily' ? [] : chooseTimeframes(kind, request, await readTimeframes(tx));
  return { timeframes, periods, indicators, fromDay, toDay, hasSnapshots };
}

function refuseMisfits(kind: ExportKind, request: TypedRequest): void {
  const { alignment, tfs, periods, indicators, hasSnapshots } = request;
  if (kind === 'daily' && (alignment !== null || tfs !== null))
    throw new UsageError('export daily is 1D bars: it takes no --tfs and no --alignment');
  if (kind !== 'emas' && periods !== null) throw new UsageError('--periods is for "export emas"');
  if (kind !== 'indicators' && indicators !== null)
    throw new UsageError('--indicators is for "export indicators"');
  if (kind !== 'bars' && hasSnapshots) throw new UsageError('--snapshots is for "export bars"');
  if (kind === 'bars' && tfs?.includes('1D'))
    throw new UsageError('1D bars are exported with "export daily"');
}

function refuseUnknown(indicators: readonly string[], outputs: readonly string[]): void {
  const known = new Set(outputs.flatMap((output) => [output, indicatorOf(output)]));
  const unknown = indicators.find((name) => !known.has(name));
  if (unknown === undefined) return;
  const there =
    outputs.length === 0 ? 'there are none: "barwright indicator list"' : `there are ${outputs.join(', ')}`;
  throw new UsageError(`no values of "${unknown}", ${there}`);
}

function chooseTimeframes(
  kind: ExportKind,
  { alignment, tfs }: Pick<TypedRequest, 'alignment' | 'tfs'>,
  all: readonly Timeframe[],
): Timeframe[] {
  const ofKind = all.filter((each) => isOfKind(kind, each));
  const unknown = tfs?.find((tf) => !ofKind.some((each) => each.tf === tf));
  if (unknown !== undefined)
    throw new UsageError(`no ${kind} of timeframe "${unknown}" (examples: 7D, 1W_CAL_ISO, 3M_CAL)`);
  const chosen = ofKind.filter(
    (each) => (tfs === null || tfs.includes(each.tf)) && (alignment === null || each.alignment === alignment),
  );
  const lacking = tfs?.find((tf) => !chosen.some((each) => each.tf === tf));
  if (lacking !== undefined || chosen.length === 0)
    throw new UsageError(
      `no ${kind} of ${lacking === undefined ? 'any timeframe' : `timeframe "${lacking}"`} in ${alignment}`,
    );
  return chosen;
}

function isOfKind(kind: ExportKind, timeframe: Timeframe): boolean {
  if (kind === 'emas') return true;
  return hasBars(timeframe) || (kind === 'indicators' && timeframe.alignment === 'multi_tf');
}
