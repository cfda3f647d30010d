/** What of the assets a screener shows: parameters of a request, checked. Every function throws UsageError. */
import { ALIGNMENTS, type Alignment } from '../../../domain/calendar/timeframe.js';
import { UsageError } from '../../../domain/text/errors.js';
import { HEALTHS, type Health } from '../../../domain/validation/asset-health.js';
import type { EmaKind } from '../../../storage/reading/screener.js';
import { EMA_KINDS, oneOf, type Query, readNameList, readPeriodList } from '../params.js';
import { type Condition, readConditions } from './conditions.js';

/** Asks for the column alone. */
const ANY = 'any';
const ORDERS = ['up', 'down'] as const;
const FIRST_TF = '1D';
const FIRST_ROWS = 100;
/** Of an answer in JSON; CSV has them all. */
const MOST_ROWS = 20_000;
/** Bars that a crossing is looked for in. */
const MOST_BARS = 100;
const LONGEST_SEARCH = 100;

/** One view of the screener. */
export interface ScreenView {
  tf: string;
  /** null: the first that has the timeframe. */
  alignment: Alignment | null;
  /** Ascending. */
  periods: number[];
  kind: EmaKind;
  indicators: string[];
  /** Part of a symbol or a name, or an id; '' for all. */
  search: string;
  /** Whether the health of the assets is a column; it takes longer to read than all the rest. */
  hasHealth: boolean;
  /** null: any. */
  health: readonly Health[] | null;
  /** null: any. */
  order: (typeof ORDERS)[number] | null;
  /** The lines crossed within so many bars; null: it does not matter. */
  crossed: number | null;
  conditions: Condition[];
  sort: string;
  isDescending: boolean;
  limit: number;
}

/** Reads all of it. */
export function readScreenView(query: Query): ScreenView {
  const periods = isGiven(query('periods')) ? readPeriodList(query('periods')) : [];
  const crossed = readCount('crossed', query('crossed'), MOST_BARS);
  if (crossed !== null && periods.length === 0)
    throw new UsageError(
      'crossed expects an EMA that is crossed: periods=21, or periods=21,50 for two lines',
    );
  const order = oneOf('order', query('order'), ORDERS);
  if (order !== null && periods.length < 2)
    throw new UsageError('order expects at least two EMAs, such as periods=21,50,200');
  const sort = query('sort') || 'id';
  const health = query('health') ?? '';
  return {
    tf: readTimeframe(query('tf')),
    alignment: oneOf('alignment', query('alignment'), ALIGNMENTS),
    periods: periods.sort((a, b) => a - b),
    kind: oneOf('kind', query('kind'), EMA_KINDS) ?? 'ema',
    indicators: isGiven(query('indicators')) ? readNameList(query('indicators')) : [],
    search: (query('search') ?? '').trim().slice(0, LONGEST_SEARCH).toLowerCase(),
    hasHealth: health !== '' || sort === 'health',
    health: readHealths(health),
    order,
    crossed,
    conditions: readConditions(query('where') ?? ''),
    sort,
    isDescending: isGiven(query('down')),
    limit: readCount('limit', query('limit'), MOST_ROWS) ?? FIRST_ROWS,
  };
}

function isGiven(text: string | undefined): boolean {
  return text !== undefined && text !== '';
}

function readTimeframe(text = ''): string {
  if (text === '') return FIRST_TF;
  if (!/^[0-9A-Z_]{1,32}$/.test(text)) throw new UsageError(`tf expects a timeframe like 7D, got "${text}"`);
  return text;
}

function readHealths(text: string): Health[] | null {
  if (text === '' || text === ANY) return null;
  return text.split(',').map((each) => {
    const found = HEALTHS.find((health) => health === each);
    if (found === undefined)
      throw new UsageError(
        `health expects ${ANY}, or some of ${HEALTHS.join(', ')} such as bad,watch, got "${text}"`,
      );
    return found;
  });
}

function readCount(name: string, text: string | undefined, most: number): number | null {
  if (text === undefined || text === '') return null;
  if (!/^[1-9][0-9]{0,5}$/.test(text) || Number(text) > most)
    throw new UsageError(`${name} expects a number from 1 to ${most}, got "${text}"`);
  return Number(text);
}
