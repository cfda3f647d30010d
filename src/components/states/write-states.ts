/** Rows of bar_carry and ema_carry made from what is stored of their series and what should be. */
import type { Bar } from '../../domain/bars/bar.js';
import type { Day } from '../../domain/calendar/day.js';
import { ALIGNMENTS, type Alignment, BAR_ALIGNMENTS } from '../../domain/calendar/timeframe.js';
import type { EmaAssetState, EmaState } from '../../domain/emas/series.js';
import { type BarCarry, upsertBarCarries } from '../../storage/bars/bar-states.js';
import { BAR_FIELDS, type BarStateRow } from '../../storage/bars/bars.js';
import { decodeRow } from '../../storage/copy/decode.js';
import { keyCells, type RowDifference } from '../../storage/copy/differences.js';
import type { WrongHeader } from '../../storage/emas/ema-state-headers.js';
import { type EmaCarryRow, type EmaLag, upsertEmaCarries } from '../../storage/emas/ema-states.js';
import type { Tx } from '../../storage/session/database.js';
import { type RowOf, SHAPES, type StoredAsset, seriesOfRow } from '../expected/stored-asset.js';
import { storedDay } from '../expected/stored-cells.js';

/** The tables of states, as the views over packed rows show them. */
export const STATE_TABLES = ['barStates', 'emaAssets', 'lags', 'emaStates'] as const;
export type StateTable = (typeof STATE_TABLES)[number];

/** Where stored states are not what they should be. */
export type StateDifferences = { [N in StateTable]: RowDifference<RowOf<N>>[] };

/** Writes the rows whose states differ, or whose header is wrong. */
export async function writeStates(
  tx: Tx,
  stored: StoredAsset,
  { differences, wrong }: { differences: StateDifferences; wrong: readonly WrongHeader[] },
): Promise<void> {
  const asked = (tables: readonly StateTable[], table: WrongHeader['table']) =>
    new Set([
      ...wrong.filter((header) => header.table === table).map(({ alignment }) => alignment),
      ...tables.flatMap((name) => differences[name].map((each) => alignmentOf(name, each))),
    ]);
  const ofBars = asked(['barStates'], 'bar_carry');
  const bars = BAR_ALIGNMENTS.filter((alignment) => ofBars.has(alignment)).map((alignment): BarCarry => {
    const rows = rowsAfter('barStates', { stored, differences, alignment });
    return { id: stored.id, alignment, series: new Map(rows.map(({ tf, state }) => [tf, state])) };
  });
  await upsertBarCarries(tx, bars);
  const ofEmas = asked(['emaAssets', 'lags', 'emaStates'], 'ema_carry');
  const emas = ALIGNMENTS.filter((alignment) => ofEmas.has(alignment)).map((alignment) =>
    emaCarryOf({ stored, differences, alignment }),
  );
  await upsertEmaCarries(tx, emas);
}

interface Scope {
  stored: StoredAsset;
  differences: StateDifferences;
  alignment: Alignment;
}

function alignmentOf<N extends StateTable>(name: N, { expected, bytes }: RowDifference<RowOf<N>>): Alignment {
  return expected?.alignment ?? (keyCells(SHAPES[name], bytes ?? Buffer.alloc(2))[1] as Alignment);
}

function emaCarryOf(scope: Scope): EmaCarryRow {
  const { stored, alignment } = scope;
  const [asset] = rowsAfter('emaAssets', scope);
  return {
    id: stored.id,
    alignment,
    asset: asset?.state ?? null,
    repairFrom: repairFromOf(scope),
    series: new Map(rowsAfter('emaStates', scope).map(({ tf, state }) => [tf, state])),
    lags: new Map(rowsAfter('lags', scope).map(({ tf, lag }) => [tf, lag])),
  };
}

/** What waits for its repair continues to wait; a watermark that is written new waits for nothing. */
function repairFromOf({ stored, differences, alignment }: Scope): Day | null {
  if (differences.emaAssets.some((each) => alignmentOf('emaAssets', each) === alignment)) return null;
  return storedDay(SHAPES.emaAssets, stored.emaAssets.bySeries.get(alignment)?.[0], 'repair_from');
}

/** The rows of one table and alignment as they should be: those stored, with the differences in their place. */
function rowsAfter<N extends StateTable>(name: N, { stored, differences, alignment }: Scope): RowOf<N>[] {
  const ours = (differences[name] as RowDifference<RowOf<N>>[]).filter(
    (difference) => alignmentOf(name, difference) === alignment,
  );
  // What differs is not even read: it may be damaged beyond reading.
  const isWrong = new Set(ours.flatMap(({ bytes }) => (bytes === null ? [] : [seriesOfRow(name, bytes)])));
  const right = [...stored[name].bySeries].flatMap(([series, [bytes]]) =>
    series.split(' ')[0] !== alignment || bytes === undefined || isWrong.has(series)
      ? []
      : [decode(name, bytes)],
  );
  return [...right, ...ours.flatMap(({ expected }) => (expected === null ? [] : [expected]))];
}

function decode<N extends StateTable>(name: N, bytes: Buffer): RowOf<N> {
  const cells = decodeRow(
    bytes,
    SHAPES[name].columns.map(({ type }) => type),
  );
  return DECODERS[name](cells) as RowOf<N>;
}

const DECODERS: { [N in StateTable]: (cells: readonly unknown[]) => RowOf<N> } = {
  barStates: ([id, alignment, tf, watermarkDay, closedSeq, isClosed, ...fields]) => {
    const bar = Object.fromEntries(BAR_FIELDS.map(([, , field], at) => [field, fields[at]]));
    const state = {
      ...{ watermarkDay, closedSeq, isClosed: isClosed === true },
      bar: isClosed === null ? null : (bar as unknown as Bar),
    };
    return { id, alignment, tf, state } as BarStateRow;
  },
  emaAssets: ([id, alignment, watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum, ...rest]) => {
    const [kernelVersion, periods] = rest;
    const state = { watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum, kernelVersion, periods };
    return { id, alignment, state: state as EmaAssetState } as RowOf<'emaAssets'>;
  },
  lags: ([id, alignment, tf, watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum]) => {
    const lag = { watermarkDay, watermarkTsUs, rowCount, lastClose, closeSum };
    return { id, alignment, tf, lag: lag as EmaLag } as RowOf<'lags'>;
  },
  emaStates: ([id, alignment, tf, inputCount, barSeq, lastCloseDay, closeSum, ema, emaBar]) => {
    const state = { inputCount, barSeq, lastCloseDay: lastCloseDay as Day, closeSum, ema, emaBar };
    return { id, alignment, tf, state: state as EmaState } as RowOf<'emaStates'>;
  },
};
