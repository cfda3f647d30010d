import { DAY_US, type Day, dayOfUs } from '../../../domain/calendar/day.js';
import { boundsOfDay, describeShape, spanOfRow } from '../../../domain/prices/span.js';
import type { StagedPrice } from '../../../storage/prices/staging.js';
import { parseTextCell, parseTimestampCell, TEXT_EXPECTED, TIMESTAMP_EXPECTED } from '../cells/cells.js';
import { type Field, key } from '../formats/parts/format.js';
import { type BadLine, cutValue, emptyPrice } from '../prices/price-source.js';
import type { Row } from '../read/rows/rows.js';
import { adviceFor, cellOf, dayTextOf, type Reading } from './reading.js';

type NumberField = 'open' | 'high' | 'low' | 'close' | 'volume' | 'marketCap' | 'circulatingSupply';

const NUMBER_FIELDS: readonly NumberField[] = [
  ...(['open', 'high', 'low', 'close', 'volume', 'marketCap', 'circulatingSupply'] as const),
];

/** One row as a price of asset `id`, or why it cannot be one. */
export function readRow(row: Row, reading: Reading, id: number): StagedPrice | BadLine {
  const price = emptyPrice(id, row.line);
  const { places, width } = reading.layout;
  if (row.cells.length !== width) {
    const value = cutValue(`${row.cells.length} cells: ${row.cells.join(' ')}`);
    return { line: row.line, column: null, value, expected: `${width} cells` };
  }
  if (row.cut !== undefined && [...places.values()].includes(width - 1))
    return { line: row.line, column: null, value: cutValue(row.cut.value), expected: row.cut.expected };
  const name = cellOf(row, places.get('name'));
  if (name !== undefined) {
    const value = parseTextCell(name);
    if (value === undefined) return badCell(row, reading, { field: 'name', expected: TEXT_EXPECTED });
    price.name = value;
  }
  const bad =
    (reading.days === null ? readTimes(row, reading, price) : null) ??
    readNumbers(row, reading, price) ??
    (reading.days === null ? null : readDay(row, reading, price)) ??
    (reading.isAdjusted ? adjust(row, reading, price) : null);
  return bad ?? price;
}

function readNumbers(row: Row, reading: Reading, price: StagedPrice): BadLine | null {
  const { layout, numbers } = reading;
  for (const field of NUMBER_FIELDS) {
    const place = layout.places.get(field);
    if (place === undefined) continue;
    const value = numbers.parse(row.cells[place] ?? 'nothing');
    if (value === undefined) return badCell(row, reading, { field, expected: numbers.expected });
    price[field] = value;
  }
  return null;
}

const TIMES = {
  timeOpen: 'timeOpenUs',
  timeClose: 'timeCloseUs',
  timeHigh: 'timeHighUs',
  timeLow: 'timeLowUs',
} as const;

/** All times as the row has them; the timestamp is its key: there "nothing" is as wrong as something unreadable. */
function readTimes(row: Row, reading: Reading, price: StagedPrice): BadLine | null {
  const { places } = reading.layout;
  for (const [field, target] of Object.entries(TIMES) as [
    keyof typeof TIMES,
    (typeof TIMES)[keyof typeof TIMES],
  ][]) {
    const text = cellOf(row, places.get(field));
    if (text === undefined) continue;
    const value = parseTimestampCell(text);
    if (value === undefined) return badCell(row, reading, { field, expected: TIMESTAMP_EXPECTED });
    price[target] = value;
  }
  const stamp = parseTimestampCell(cellOf(row, places.get('timestamp')) ?? '');
  if (typeof stamp !== 'number') {
    const expected = TIMESTAMP_EXPECTED.replace(', years', '; not empty; years');
    return badCell(row, reading, { field: 'timestamp', expected });
  }
  price.timestampUs = stamp;
  return null;
}

/** The day of a row and the times that every day without times has. */
function readDay(row: Row, reading: Reading, price: StagedPrice): BadLine | null {
  const { days, layout, localDay, command } = reading;
  const text = dayTextOf(row, layout.places);
  const found = days?.parse(text);
  if (found === undefined)
    return badCell(row, reading, { field: 'day', expected: days?.expected ?? 'a day', value: text });
  const closeText = cellOf(row, layout.places.get('timeClose'));
  const close = closeText === undefined ? undefined : days?.parse(closeText);
  const times = {
    timestampUs: found.us,
    timeOpenUs: close === undefined || found.isDate ? null : found.us,
    timeCloseUs: close?.us ?? null,
  };
  const span = spanOfRow(times);
  const day = found.isDate || localDay === null ? dayOfUs(found.us) : localDay(found.us);
  const shape = !span.isDay
    ? span.shape
    : isNamedByMidnight(found.us)
      ? null
      : ({
          kind: 'zone',
          offsetMinutes: Math.floor((found.us - dayOfUs(found.us) * DAY_US) / 60_000_000),
        } as const);
  const isMeant = localDay !== null && (shape === null || shape.kind === 'zone' || shape.kind === 'session');
  if (shape !== null && !isMeant) {
    const expected = `a row that is one UTC day (this is ${describeShape(shape)})`;
    const advice = adviceFor(shape, found.us, command);
    return { ...badCell(row, reading, { field: 'day', expected, value: text }), advice };
  }
  setDay(price, day);
  return null;
}

/** Whether an instant names a UTC day: by its first, or by its last second. */
function isNamedByMidnight(us: number): boolean {
  const ofDay = us - dayOfUs(us) * DAY_US;
  return ofDay === 0 || ofDay >= DAY_US - 1_000_000;
}

/**
 * A day that closes a millisecond before the next. Nobody says when its high and low were: they get the times that the 1D
 * builder would give them.
 */
function setDay(price: StagedPrice, day: Day): void {
  const { timeOpenUs, timeCloseUs } = boundsOfDay(day);
  const change = (price.close ?? 0) - (price.open ?? 0);
  price.timestampUs = timeCloseUs;
  price.timeOpenUs = timeOpenUs;
  price.timeCloseUs = timeCloseUs;
  price.timeHighUs = change >= 0 ? timeCloseUs : timeOpenUs;
  price.timeLowUs = change <= 0 ? timeCloseUs : timeOpenUs;
}

/** All four prices in the unit of the adjusted close: one of them alone would make highs below closes. */
function adjust(row: Row, reading: Reading, price: StagedPrice): BadLine | null {
  const text = cellOf(row, reading.layout.places.get('adjustedClose')) ?? '';
  const adjusted = reading.numbers.parse(text);
  const { open, high, low, close } = price;
  if (close === null && adjusted === null) return null;
  if (typeof adjusted !== 'number' || close === null || close === 0 || adjusted <= 0)
    return badCell(row, reading, {
      field: 'adjustedClose',
      expected: 'an adjusted close above 0 beside the close',
    });
  const scale = (value: number | null) =>
    value === null || adjusted === close ? value : (value * adjusted) / close;
  price.open = scale(open);
  price.high = scale(high);
  price.low = scale(low);
  price.close = adjusted;
  return null;
}

/** A cell that cannot be read, by the name of its column. */
function badCell(
  row: Row,
  { layout, source }: Reading,
  { field, expected, value }: { field: Field; expected: string; value?: string },
): BadLine {
  const place = layout.places.get(field) ?? 0;
  const name = source.header?.[place] ?? '';
  const column = key(name) === '' ? `${place + 1}` : name;
  return { line: row.line, column, value: cutValue(value ?? row.cells[place] ?? 'no cell'), expected };
}
