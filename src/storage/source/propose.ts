/** Looks at a table of the user's own and proposes its description; and reads some rows as a description has them. */
import type { RowsOf } from '../../domain/prices/price.js';
import { type SpanShape, shapeOfStamps } from '../../domain/prices/span.js';
import { type ColumnRole, REQUIRED_ROLES } from '../../domain/source/description.js';
import { guessColumns, guessDays, guessUnit, isSessionTimes } from '../../domain/source/propose.js';
import { quoteIdentifier, type Tx } from '../session/database.js';
import { NUMBER_TYPES, TIME_TYPES } from './projection.js';
import { findRelation } from './source.js';

/** A description as barwright.config.json takes it, with what is doubtful about it. */
export interface Proposal {
  description: Record<string, unknown>;
  /** Roles that no column was found for. */
  missing: ColumnRole[];
  notes: string[];
  /** What the rows are, where they are not days; null: days, as far as is known. */
  shape: SpanShape | null;
  rowsOf: RowsOf;
  columns: string[];
}

const SAMPLE_ROWS = 500;
const WHOLE = ['integer', 'smallint', 'bigint'];

function isSuitable(type: string, role: ColumnRole): boolean {
  if (role === 'id') return WHOLE.includes(type);
  if (role === 'name' || role === 'sourceFile') return type === 'text' || type.startsWith('character');
  if (role === 'loadTs') return TIME_TYPES.includes(type);
  if (role === 'day' || role.startsWith('time'))
    return (
      TIME_TYPES.includes(type) || WHOLE.includes(type) || type === 'numeric' || type === 'double precision'
    );
  return NUMBER_TYPES.includes(type);
}

/** Proposes how a table or view is read. `given` are keys that the person has said. Throws where the table cannot be found. */
export async function readProposal(
  tx: Tx,
  table: string,
  given: Readonly<Record<string, unknown>> = {},
): Promise<Proposal> {
  const { relation, types } = await findRelation(tx, table);
  const columns = guessColumns([...types.keys()], (column, role) =>
    isSuitable(types.get(column) ?? '', role),
  );
  for (const [role, column] of Object.entries((given.columns ?? {}) as Record<string, string>))
    columns.set(role as ColumnRole, column);
  const notes: string[] = [];
  const found = await sample(tx, relation, { columns, types });
  const description: Record<string, unknown> = { table, columns: Object.fromEntries(columns) };
  if (found.unit !== null) description.unit = found.unit;
  const day = columns.get('day');
  const isDate = day !== undefined && types.get(day) === 'date';
  if (!isDate && day !== undefined) {
    const guess = guessDays(found.stampsUs);
    if (guess === null)
      notes.push(
        `the times in "${day}" are neither the beginnings nor the ends of days in a zone that was tried: say "zone" and "day"`,
      );
    else {
      description.day = guess.dayEnd;
      if (guess.zone !== 'UTC') description.zone = guess.zone;
    }
  }
  if (isSessionTimes(found.times)) description.session = true;
  const shape = isDate ? null : shapeOfStamps(found.stampsUs);
  Object.assign(description, { ...given, columns: description.columns });
  return {
    description,
    missing: REQUIRED_ROLES.filter((role) => !columns.has(role)),
    notes,
    shape,
    rowsOf: description.session === true || (description.zone ?? 'UTC') !== 'UTC' ? 'local_days' : 'utc_days',
    columns: [...types.keys()],
  };
}

interface Sample {
  unit: string | null;
  /** Of one asset, rising. */
  stampsUs: number[];
  times: { openUs: number; closeUs: number }[];
}

/** The newest rows of one asset, by their day column. */
async function sample(
  tx: Tx,
  relation: string,
  { columns, types }: { columns: ReadonlyMap<ColumnRole, string>; types: ReadonlyMap<string, string> },
): Promise<Sample> {
  const sql = (role: ColumnRole): string | null => {
    const column = columns.get(role);
    return column === undefined ? null : quoteIdentifier(column);
  };
  const day = sql('day');
  if (day === null) return { unit: null, stampsUs: [], times: [] };
  const type = types.get(columns.get('day') ?? '') ?? '';
  const isNumber = NUMBER_TYPES.includes(type);
  const id = sql('id');
  const ofOne =
    id === null ? '' : `and ${id} = (select ${id} from ${relation} where ${id} is not null limit 1)`;
  const micros = (column: string) =>
    isNumber ? `${column}::float8` : `extract(epoch from ${column})::float8`;
  const time = (role: ColumnRole) => {
    const column = sql(role);
    return column === null || TIME_TYPES.includes(types.get(columns.get(role) ?? '') ?? '') === false
      ? 'null::float8'
      : `extract(epoch from ${column})::float8`;
  };
  const rows = await tx.query<[number, number | null, number | null]>(
    `select ${micros(day)}, ${time('timeOpen')}, ${time('timeClose')} from ${relation}
     where ${day} is not null ${isNumber ? '' : `and isfinite(${day})`} ${ofOne} order by ${day} desc limit ${SAMPLE_ROWS}`,
  );
  const unit = isNumber ? guessUnit(rows.map(([value]) => value)) : null;
  const perUs = unit === 'ms' ? 1000 : unit === 'us' ? 1 : 1_000_000;
  return {
    unit,
    stampsUs: rows.map(([value]) => value * perUs).reverse(),
    times: rows.flatMap(([, open, close]) =>
      open === null || close === null ? [] : [{ openUs: open * 1e6, closeUs: close * 1e6 }],
    ),
  };
}
