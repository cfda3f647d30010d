/** The columns of a described table, by their roles. */
import {
  COLUMN_ROLES,
  type ColumnRole,
  REQUIRED_ROLES,
  type SourceDescription,
} from '../../domain/source/description.js';
import { NUMBER_TYPES, TIME_TYPES, type TypedColumn } from './projection.js';

const WHOLE = ['integer', 'smallint', 'bigint'];

/** Types that a column of a role may have; null: any. */
const TYPES: Readonly<Record<ColumnRole, readonly string[] | null>> = {
  id: WHOLE,
  day: [...TIME_TYPES, ...NUMBER_TYPES],
  open: NUMBER_TYPES,
  high: NUMBER_TYPES,
  low: NUMBER_TYPES,
  close: NUMBER_TYPES,
  volume: NUMBER_TYPES,
  marketCap: NUMBER_TYPES,
  timeOpen: [...TIME_TYPES, ...NUMBER_TYPES],
  timeClose: [...TIME_TYPES, ...NUMBER_TYPES],
  timeHigh: [...TIME_TYPES, ...NUMBER_TYPES],
  timeLow: [...TIME_TYPES, ...NUMBER_TYPES],
  loadTs: TIME_TYPES,
  name: null,
  sourceFile: null,
};

/** "marketCap", "market_cap" and "MarketCap" are one name. */
function plain(name: string): string {
  return name.replaceAll(/[^\p{L}\p{N}]/gu, '').toLowerCase();
}

/**
 * The column of each role: the one that is named, else one that is called like the role. Throws an error that names every
 * column that is missing or of an unsuitable type, and what there is.
 */
export function resolveColumns(
  label: string,
  { table, columns, unit }: SourceDescription,
  types: ReadonlyMap<string, string>,
): Map<ColumnRole, TypedColumn | number> {
  const resolved = new Map<ColumnRole, TypedColumn | number>();
  const problems: string[] = [];
  for (const role of COLUMN_ROLES) {
    const named = columns[role];
    if (typeof named === 'number') {
      resolved.set(role, named);
      continue;
    }
    const column = named ?? [...types.keys()].find((name) => plain(name) === plain(role));
    const type = column === undefined ? undefined : types.get(column);
    if (column === undefined || type === undefined) {
      if (named !== undefined) problems.push(`there is no column "${named}" for ${role}`);
      else if ((REQUIRED_ROLES as readonly string[]).includes(role))
        problems.push(`no column is named for ${role}`);
      continue;
    }
    const wanted = TYPES[role];
    if (wanted === null || wanted.includes(type)) resolved.set(role, { column, type });
    else problems.push(`column "${column}" for ${role} has type ${type} (expected ${wanted.join(', ')})`);
  }
  const day = resolved.get('day');
  if (unit === null && typeof day === 'object' && NUMBER_TYPES.includes(day.type))
    problems.push(`column "${day.column}" for day is a number: "unit" must say what it counts (s, ms or us)`);
  if (problems.length > 0) {
    throw new Error(
      `the source "${label}" cannot be read: ${problems.join('; ')}. ${table} has the columns ${[...types.keys()].join(', ')}; ` +
        `"barwright source add ${table}" proposes a description`,
    );
  }
  return resolved;
}
