/** Parameters of requests, read and checked. Every function throws UsageError that names the parameter. */
import { type Day, parseDay } from '../../domain/calendar/day.js';
import { ALIGNMENTS, type Alignment } from '../../domain/calendar/timeframe.js';
import { UsageError } from '../../domain/text/errors.js';
import { parseIdList } from '../../domain/text/ids.js';
import type { EmaKind } from '../../storage/reading/screener.js';
import { NotFoundError } from './errors.js';

/** One parameter by name; undefined where it is not given. */
export type Query = (name: string) => string | undefined;

/** A series of one asset, and which part of it. Both days inclusive, null: no bound. */
export interface SeriesQuery {
  id: number;
  tf: string;
  /** null: the first that has the timeframe. */
  alignment: Alignment | null;
  fromDay: Day | null;
  toDay: Day | null;
  asofDay: Day | null;
  /** How many bars at the end of it, the open one not counted; null: all. */
  newest: number | null;
}

const MOST_RUNS = 200;
const MOST_NEWEST = 9_999;
const MOST_PERIODS = 17;
const MOST_INDICATORS = 40;

/** The id in a path. Throws NotFoundError for what is none: there is no such page. */
export function readId(text: string): number {
  if (!/^[1-9][0-9]{0,9}$/.test(text) || Number(text) > 2_147_483_647)
    throw new NotFoundError(`no such asset: an id is a number like 1, got "${text}"`);
  return Number(text);
}

/** A series and its range. */
export function readSeries(id: number, query: Query): SeriesQuery {
  const tf = query('tf') ?? '';
  if (!/^[0-9A-Z_]{1,32}$/.test(tf)) throw new UsageError(`tf expects a timeframe like 7D, got "${tf}"`);
  const alignment = oneOf('alignment', query('alignment'), ALIGNMENTS);
  const asofDay = readDay('asof', query('asof'));
  return { id, tf, alignment, ...readRange(query), asofDay, newest: readNewest(query('newest')) };
}

function readNewest(text: string | undefined): number | null {
  if (text === undefined || text === '') return null;
  if (!/^[1-9][0-9]{0,3}$/.test(text))
    throw new UsageError(`newest expects a number of bars from 1 to ${MOST_NEWEST}, got "${text}"`);
  return Number(text);
}

/** `from` and `to`. */
export function readRange(query: Query): { fromDay: Day | null; toDay: Day | null } {
  return { fromDay: readDay('from', query('from')), toDay: readDay('to', query('to')) };
}

function readDay(name: string, text: string | undefined): Day | null {
  if (text === undefined || text === '') return null;
  if (/^0000/.test(text)) throw new UsageError(`${name} expects a day of the years 1 to 9999, got "${text}"`);
  try {
    return parseDay(text);
  } catch {
    throw new UsageError(`${name} expects a day like 2025-01-31, got "${text}"`);
  }
}

/** `periods=10,21`: at least one, at most as many as there are in a new warehouse. */
export function readPeriodList(text: string | undefined): number[] {
  const periods = [...new Set((text ?? '').split(',').filter((part) => part !== ''))].map((part) => {
    if (!/^[1-9][0-9]{0,4}$/.test(part))
      throw new UsageError(`periods expects numbers like 10,21, got "${text}"`);
    return Number(part);
  });
  if (periods.length === 0 || periods.length > MOST_PERIODS)
    throw new UsageError(`periods expects 1 to ${MOST_PERIODS} numbers like 10,21, got "${text ?? ''}"`);
  return periods;
}

export const EMA_KINDS = ['ema', 'ema_bar'] as const satisfies readonly EmaKind[];
const PREVIEWS = ['all', 'last'] as const;

/** Which values of EMAs. */
export interface EmaChoice {
  periods: number[];
  /** null: both. */
  kind: EmaKind | null;
  /** Of which days between closes: all, or the newest day alone. */
  previews: (typeof PREVIEWS)[number];
}

/** `periods`, `kind` and `previews`. */
export function readEmaChoice(query: Query): EmaChoice {
  return {
    periods: readPeriodList(query('periods')),
    kind: oneOf('kind', query('kind'), EMA_KINDS),
    previews: oneOf('previews', query('previews'), PREVIEWS) ?? 'all',
  };
}

/** One of these words; null where none is given. */
export function oneOf<T extends string>(
  name: string,
  text: string | undefined,
  known: readonly T[],
): T | null {
  if (text === undefined || text === '') return null;
  const found = known.find((each) => each === text);
  if (found === undefined) throw new UsageError(`${name} expects one of ${known.join(', ')}, got "${text}"`);
  return found;
}

/** `names=rsi_14,macd_12_26_9`: at least one. */
export function readNameList(text: string | undefined): string[] {
  const names = [...new Set((text ?? '').split(',').filter((part) => part !== ''))];
  const isRight = names.every((name) => /^[a-z]{1,40}(_[a-z0-9.]{1,40}){0,8}$/.test(name));
  if (names.length === 0 || names.length > MOST_INDICATORS || !isRight)
    throw new UsageError(`names expects 1 to ${MOST_INDICATORS} indicators like rsi_14, got "${text ?? ''}"`);
  return names;
}

/** `limit` and `before` of the list of runs. */
export function readPage(query: Query): { limit: number; before: string | null } {
  const limit = query('limit') ?? '20';
  if (!/^[1-9][0-9]{0,2}$/.test(limit) || Number(limit) > MOST_RUNS)
    throw new UsageError(`limit expects a number from 1 to ${MOST_RUNS}, got "${limit}"`);
  const before = query('before') ?? null;
  if (before !== null && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(before))
    throw new UsageError(`before expects the whole id of a run, got "${before}"`);
  return { limit: Number(limit), before };
}

export const TARGETS = ['all', 'bars', 'emas', 'indicators'] as const;
export type Target = (typeof TARGETS)[number];

/** `target` and `ids` of a plan. */
export function readTarget(query: Query): { target: Target; ids: number[] | null } {
  return { target: checkTarget(query('target') ?? 'all'), ids: parseIdList(query('ids') ?? 'all') };
}

function checkTarget(text: unknown): Target {
  const target = TARGETS.find((each) => each === text);
  if (target === undefined)
    throw new UsageError(`target expects one of ${TARGETS.join(', ')}, got "${text}"`);
  return target;
}

/** The body of a request to start a refresh. */
export function readStart(body: unknown): { target: Target; ids: number[] | null } {
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new UsageError('an object like {"target": "all", "ids": null} was expected');
  const { target, ids = null, ...rest } = body as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw new UsageError(`the body knows target and ids, got "${unknown}"`);
  if (ids !== null && !(Array.isArray(ids) && ids.every((id) => typeof id === 'number')))
    throw new UsageError('ids expects a list of numbers, or null for all');
  return { target: checkTarget(target), ids: ids === null ? null : parseIdList(ids.join(',')) };
}
