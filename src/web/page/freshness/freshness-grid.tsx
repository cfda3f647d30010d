/** Assets × tables, however many: only the rows in sight are drawn. Keys move through the cells, Enter opens the asset. */
import type { ComponentChild, JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { FreshnessResponse, FreshnessTable } from '../../api/api-freshness-types.js';
import { asPlainText, countOf } from '../shared/format.js';
import { Health, type KnownHealth } from '../shared/health.jsx';
import { goTo, hrefOf } from '../shared/route.js';
import { cellOf, type Selection, type SortKey, sentenceOf, shortTextOf } from './freshness-rows.js';
import { type ActiveCell, HEAD_PX, ROW_PX, useGrid } from './use-grid.js';

interface GridProps {
  data: FreshnessResponse;
  /** Indexes of the assets to show. */
  rows: readonly number[];
  selection: Selection;
  onSort(key: SortKey): void;
}

/** The grid and, below it, all that is known about the cell under the pointer or the keyboard. */
export function FreshnessGrid({ data, rows, selection, onSort }: GridProps): JSX.Element {
  const [hovered, setHovered] = useState<ActiveCell | null>(null);
  const [isFocused, setIsFocused] = useState(false);
  const columns = data.tables.length + 1;
  const open = (row: number) => goTo(hrefOf(['assets', String(data.assets.id[rows[row] ?? -1] ?? '')]));
  const grid = useGrid({ rows: rows.length, columns }, open);
  const isActiveDrawn = grid.active.row >= grid.first && grid.active.row < grid.end;
  const described = hovered ?? (isFocused ? grid.active : null);
  return (
    <>
      {/* biome-ignore lint/a11y/useSemanticElements: a table cannot leave out the rows that are not in sight */}
      <div
        class="grid"
        role="grid"
        aria-label="Freshness of each asset in each table"
        aria-rowcount={rows.length + 1}
        aria-colcount={columns}
        aria-activedescendant={isActiveDrawn ? cellId(grid.active) : undefined}
        style={{ '--tables': data.tables.length }}
        tabIndex={0}
        ref={grid.scroller}
        onScroll={grid.onScroll}
        onKeyDown={grid.onKeyDown}
        onFocus={() => setIsFocused(true)}
        onBlur={() => setIsFocused(false)}
        onPointerLeave={() => setHovered(null)}
      >
        <Head tables={data.tables} selection={selection} onSort={onSort} />
        {/* biome-ignore lint/a11y/useSemanticElements: see above */}
        <div class="grid-body" role="rowgroup" style={{ height: `${rows.length * ROW_PX}px` }}>
          {rows.slice(grid.first, grid.end).map((index, offset) => (
            <Row
              key={index}
              data={data}
              index={index}
              row={grid.first + offset}
              activeColumn={isFocused && grid.active.row === grid.first + offset ? grid.active.column : null}
              onHover={setHovered}
              onOpen={open}
            />
          ))}
        </div>
      </div>
      <p class="described" data-testid="described">
        {described === null
          ? 'Point at a cell, or move through the grid with the arrow keys.'
          : describe(data, rows, described)}
      </p>
    </>
  );
}

function Head({
  tables,
  selection,
  onSort,
}: Omit<GridProps, 'data' | 'rows'> & { tables: FreshnessTable[] }): JSX.Element {
  const headings: { key: SortKey; label: string }[] = [{ key: 'symbol', label: 'asset' }, ...tables];
  return (
    // biome-ignore lint/a11y/useSemanticElements: see FreshnessGrid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    <div class="grid-row grid-head" role="row" aria-rowindex={1} style={{ height: `${HEAD_PX}px` }}>
      {headings.map(({ key, label }, column) => (
        // biome-ignore lint/a11y/useSemanticElements: see FreshnessGrid
        // biome-ignore lint/a11y/useFocusableInteractive: the button in it is
        <div
          key={key}
          class="grid-cell"
          role="columnheader"
          aria-colindex={column + 1}
          aria-sort={selection.sort === key ? (selection.isDescending ? 'descending' : 'ascending') : 'none'}
        >
          <button type="button" class="plain" onClick={() => onSort(key)} title={`sort by ${label}`}>
            {breakable(label)}
            {selection.sort === key && <span aria-hidden="true">{selection.isDescending ? ' ▼' : ' ▲'}</span>}
          </button>
        </div>
      ))}
    </div>
  );
}

interface RowProps {
  data: FreshnessResponse;
  /** Of the asset in the data. */
  index: number;
  /** Position in the grid, from 0. */
  row: number;
  /** null: the keyboard is elsewhere. */
  activeColumn: number | null;
  onHover(cell: ActiveCell): void;
  onOpen(row: number): void;
}

function Row({ data, index, row, activeColumn, onHover, onOpen }: RowProps): JSX.Element {
  const label = labelOf(data, index);
  const common = (column: number) => ({
    id: cellId({ row, column }),
    'aria-colindex': column + 1,
    class: `grid-cell${activeColumn === column ? ' is-active' : ''}`,
    onPointerEnter: () => onHover({ row, column }),
  });
  return (
    // biome-ignore lint/a11y/useSemanticElements: see FreshnessGrid
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the grid does the same
    <div
      class="grid-row"
      role="row"
      aria-rowindex={row + 2}
      style={{ height: `${ROW_PX}px`, top: `${row * ROW_PX}px` }}
      onClick={() => onOpen(row)}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: see FreshnessGrid */}
      {/* biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus */}
      <div {...common(0)} role="rowheader">
        <Health known={healthOf(data, index)} /> <bdi>{label}</bdi>{' '}
        <span class="quiet">{data.assets.id[index]}</span>
      </div>
      {data.tables.map((table, column) => {
        const cell = cellOf(data, table.key, index);
        const props = common(column + 1);
        return (
          // biome-ignore lint/a11y/useSemanticElements: see FreshnessGrid
          // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus
          <div
            key={table.key}
            {...props}
            class={`${props.class} is-${cell.status}`}
            role="gridcell"
            aria-label={sentenceOf(cell, table, label)}
          >
            {shortTextOf(cell)}
          </div>
        );
      })}
    </div>
  );
}

/** A name may continue in another line after each of its underscores. */
function breakable(label: string): ComponentChild[] {
  return label.split(/(?<=_)/).flatMap((part, index) => (index === 0 ? [part] : [<wbr key={index} />, part]));
}

function labelOf({ assets }: FreshnessResponse, index: number): string {
  return asPlainText(assets.symbol[index] ?? assets.name[index] ?? `asset ${assets.id[index]}`);
}

function healthOf({ assets }: FreshnessResponse, index: number): KnownHealth {
  const findings = assets.findings[index] ?? 0;
  return {
    health: assets.health[index] ?? 'good',
    why: findings === 0 ? '' : countOf(findings, 'implausible day'),
  };
}

function cellId({ row, column }: ActiveCell): string {
  return `cell-${row}-${column}`;
}

function describe(data: FreshnessResponse, rows: readonly number[], { row, column }: ActiveCell): string {
  const index = rows[row];
  if (index === undefined) return '';
  const { assets } = data;
  const label = labelOf(data, index);
  const table = data.tables[column - 1];
  if (table !== undefined) return asPlainText(sentenceOf(cellOf(data, table.key, index), table, label));
  const source = assets.sourceTs[index]?.slice(0, 10) ?? 'nothing';
  const read = assets.lastSrcTs[index]?.slice(0, 10) ?? 'nothing';
  const proven = assets.provenAt[index]?.slice(0, 10);
  const proof =
    proven === undefined ? 'not compared with it since it was built' : `compared with it on ${proven}`;
  return asPlainText(
    `${label} (${assets.name[index] ?? 'no name'}), asset ${assets.id[index]}: source up to ${source}, read up to ${read}, ${proof}. Enter opens it.`,
  );
}
