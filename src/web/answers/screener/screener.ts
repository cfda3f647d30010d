/** The screener: the newest values of one series of every active asset, filtered and sorted. */
import { formatDay } from '../../../domain/calendar/day.js';
import { UsageError } from '../../../domain/text/errors.js';
import { HEALTHS } from '../../../domain/validation/asset-health.js';
import { type Asset, listAssets } from '../../../storage/assets/assets.js';
import { readPeriods } from '../../../storage/assets/dimensions.js';
import { readActiveIndicators } from '../../../storage/indicators/dimension.js';
import { findAlignment } from '../../../storage/reading/export.js';
import {
  listScreenBars,
  listScreenEmas,
  listScreenGaps,
  listScreenIndicators,
  type ScreenBar,
  type ScreenScope,
} from '../../../storage/reading/screener.js';
import type { Tx } from '../../../storage/session/database.js';
import type { HealthListResponse } from '../../api/api-freshness-types.js';
import type { ScreenerResponse } from '../../api/api-screener-types.js';
import { outputNamesOf } from '../assets.js';
import { findCrossing } from './crossing.js';
import { formatCsv } from './csv.js';
import type { ScreenView } from './view.js';

type Cell = string | number | null;
type Row = Map<string, Cell>;

interface Screen extends ScreenScope {
  total: number;
  /** Names, in the order in which they are shown. */
  columns: string[];
  /** Those that are as asked for, in order. */
  rows: Row[];
}

const PERCENT = 100;
const HEALTH_RANKS: ReadonlyMap<Cell, number> = new Map(HEALTHS.map((health, rank) => [health, rank]));

/** What a view is made of, besides the database. */
export interface ScreenRequest {
  view: ScreenView;
  /** null: it is no column. */
  health: HealthListResponse | null;
}

/** A view as columns, at most `limit` rows. Throws UsageError for what there is not. */
export async function readScreener(tx: Tx, request: ScreenRequest): Promise<ScreenerResponse> {
  const { view } = request;
  const { alignment, tf, total, columns, rows } = await screen(tx, request);
  const shown = rows.slice(0, view.limit);
  return {
    version: 1,
    alignment,
    tf,
    total,
    count: rows.length,
    columns: columns.map((name) => ({ name, values: shown.map((row) => row.get(name) ?? null) })),
  };
}

/** The same as CSV, with all rows; `hide` takes secrets out of texts. */
export async function readScreenerCsv(
  tx: Tx,
  request: ScreenRequest,
  hide: (text: string) => string,
): Promise<string> {
  const { columns, rows } = await screen(tx, request);
  const hidden = (cell: Cell) => (typeof cell === 'string' ? hide(cell) : cell);
  return formatCsv(
    columns,
    rows.map((row) => columns.map((name) => hidden(row.get(name) ?? null))),
  );
}

async function screen(tx: Tx, { view, health }: ScreenRequest): Promise<Screen> {
  await refuseUnknown(tx, view);
  const alignment = await findAlignment(tx, { kind: 'bars', alignment: view.alignment }, view.tf);
  const scope = { alignment, tf: view.tf };
  const assets = (await listAssets(tx)).filter(({ isActive }) => isActive);
  const rows = new Map(assets.map((asset) => [asset.id, firstCells(asset)]));
  if (health !== null) addHealth(rows, health);
  const bars = await listScreenBars(tx, scope);
  for (const bar of bars) addBar(rows.get(bar[0]), bar);
  await addEmas(tx, { scope, view, rows });
  if (view.crossed !== null) await addCrossings(tx, { scope, view, rows, bars });
  const outputs = await addIndicators(tx, { scope, view, rows });
  const columns = columnsOf(view, { hasHealth: health !== null, outputs });
  checkColumns(view, columns);
  return { ...scope, total: rows.size, columns, rows: selectRows([...rows.values()], view) };
}

async function refuseUnknown(tx: Tx, { periods, indicators }: ScreenView): Promise<void> {
  const known = await readPeriods(tx);
  const period = periods.find((each) => !known.includes(each));
  if (period !== undefined)
    throw new UsageError(`no period ${period} in dim_period, which has ${known.join(', ')}`);
  if (indicators.length === 0) return;
  const active = await readActiveIndicators(tx);
  const indicator = indicators.find((each) => !active.includes(each));
  if (indicator !== undefined)
    throw new UsageError(
      `the indicator ${indicator} is not active: active are ${active.length === 0 ? 'none' : active.join(', ')}`,
    );
}

function firstCells({ id, symbol, name }: Asset): Row {
  return new Map<string, Cell>([
    ['id', id],
    ['symbol', symbol],
    ['name', name],
  ]);
}

function addHealth(rows: ReadonlyMap<number, Row>, { id, health, why }: HealthListResponse): void {
  for (const [index, each] of id.entries()) {
    const row = rows.get(each);
    row?.set('health', health[index] ?? null);
    row?.set('health_why', why[index] ?? null);
  }
}

function addBar(row: Row | undefined, [, day, close, , before]: ScreenBar): void {
  row?.set('day', formatDay(day));
  row?.set('close', close);
  if (before !== null && before !== 0) row?.set('change', PERCENT * (close / before - 1));
}

interface Adding {
  scope: ScreenScope;
  view: ScreenView;
  rows: ReadonlyMap<number, Row>;
}

async function addEmas(tx: Tx, { scope, view, rows }: Adding): Promise<void> {
  const { periods } = view;
  if (periods.length === 0) return;
  for (const [id, period, value] of await listScreenEmas(tx, scope, view)) {
    const row = rows.get(id);
    const close = numberIn(row, 'close');
    row?.set(`${view.kind}_${period}`, value);
    if (close !== null && value !== 0) row?.set(`distance_${period}`, PERCENT * (close / value - 1));
  }
  if (periods.length < 2) return;
  for (const row of rows.values())
    row.set('order', orderOf(periods.map((period) => numberIn(row, `${view.kind}_${period}`))));
}

/** Values of ascending periods. */
function orderOf(values: readonly (number | null)[]): 'up' | 'down' | 'mixed' | null {
  if (values.includes(null)) return null;
  const steps = values.slice(1).map((value, index) => (values[index] ?? 0) - (value ?? 0));
  if (steps.every((step) => step > 0)) return 'up';
  return steps.every((step) => step < 0) ? 'down' : 'mixed';
}

/** Two lines, or the close and one. */
async function addCrossings(
  tx: Tx,
  { scope, view, rows, bars }: Adding & { bars: readonly ScreenBar[] },
): Promise<void> {
  const [first, second] = view.periods;
  if (first === undefined) return;
  const [fast, slow] = second === undefined ? [null, first] : [first, second];
  const openIds = new Set(bars.flatMap(([id, , , isOpen]) => (isOpen ? [id] : [])));
  const closes = (view.crossed ?? 0) + 1;
  for (const [id, gaps] of await listScreenGaps(tx, scope, { fast, slow, kind: view.kind, closes })) {
    const row = rows.get(id);
    const [above, below] = [fast === null ? 'close' : `${view.kind}_${fast}`, `${view.kind}_${slow}`].map(
      (name) => numberIn(row, name),
    );
    // The open bar counts as one, with what it would close with.
    const isNow = openIds.has(id) && above != null && below != null;
    const crossing = findCrossing(isNow ? [above - below, ...gaps] : gaps);
    if (crossing === null) continue;
    row?.set('crossed', crossing.barsAgo);
    row?.set('crossed_to', crossing.isUp ? 'up' : 'down');
  }
}

/** Returns the outputs that there are, in order. */
async function addIndicators(tx: Tx, { scope, view, rows }: Adding): Promise<string[]> {
  if (view.indicators.length === 0) return [];
  const names = new Set<string>();
  for (const [id, name, value] of await listScreenIndicators(tx, scope, view.indicators)) {
    names.add(name);
    rows.get(id)?.set(name, value);
  }
  return view.indicators.flatMap((indicator) => outputNamesOf(indicator, names));
}

function columnsOf(
  { periods, kind, crossed }: ScreenView,
  { hasHealth, outputs }: { hasHealth: boolean; outputs: readonly string[] },
): string[] {
  return [
    ...['id', 'symbol', 'name'],
    ...(hasHealth ? ['health', 'health_why'] : []),
    ...['day', 'close', 'change'],
    ...periods.flatMap((period) => [`${kind}_${period}`, `distance_${period}`]),
    ...(periods.length < 2 ? [] : ['order']),
    ...(crossed === null ? [] : ['crossed', 'crossed_to']),
    ...outputs,
  ];
}

function checkColumns({ conditions, sort }: ScreenView, columns: readonly string[]): void {
  const asked = [...conditions.map(({ column }) => ['where', column]), ['sort', sort]];
  const unknown = asked.find(([, column]) => !columns.includes(column ?? ''));
  if (unknown !== undefined)
    throw new UsageError(`${unknown[0]} knows no column "${unknown[1]}" here, but ${columns.join(', ')}`);
}

function selectRows(rows: readonly Row[], view: ScreenView): Row[] {
  const kept = rows.filter((row) => isWanted(row, view));
  const sign = view.isDescending ? -1 : 1;
  const { compare } = new Intl.Collator('en', { numeric: true });
  return kept.sort((a, b) => {
    const [x, y] = [sortKeyOf(a, view.sort), sortKeyOf(b, view.sort)];
    // What is not there comes last, whatever the direction.
    if (x === null || y === null) return Number(x === null) - Number(y === null);
    return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : compare(String(x), String(y)));
  });
}

/** Healths from good to bad, everything else as it is. */
function sortKeyOf(row: Row, column: string): Cell {
  const cell = row.get(column) ?? null;
  return column === 'health' ? (HEALTH_RANKS.get(cell) ?? null) : cell;
}

function isWanted(row: Row, view: ScreenView): boolean {
  const { search, health, order, crossed, conditions } = view;
  if (health !== null && !health.some((each) => each === row.get('health'))) return false;
  if (order !== null && row.get('order') !== order) return false;
  const barsAgo = numberIn(row, 'crossed');
  if (crossed !== null && (barsAgo === null || barsAgo >= crossed)) return false;
  if (search !== '' && !hasText(row, search)) return false;
  return conditions.every(({ column, isSo }) => {
    const value = numberIn(row, column);
    return value !== null && isSo(value);
  });
}

function hasText(row: Row, search: string): boolean {
  if (String(row.get('id')) === search) return true;
  return ['symbol', 'name'].some((name) =>
    String(row.get(name) ?? '')
      .toLowerCase()
      .includes(search),
  );
}

function numberIn(row: Row | undefined, column: string): number | null {
  const value = row?.get(column);
  return typeof value === 'number' ? value : null;
}
