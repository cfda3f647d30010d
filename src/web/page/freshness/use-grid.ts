/** The window of a long grid: which rows are drawn, and which cell the keyboard is on. */
import type { RefObject } from 'preact';
import { useCallback, useEffect, useRef, useState } from 'preact/hooks';

export const ROW_PX = 32;
export const HEAD_PX = 48;
const ROWS_AROUND = 10;
const FIRST_ROWS = 40;

export interface ActiveCell {
  /** Position among the shown rows, from 0. */
  row: number;
  /** 0 is the asset itself, then the tables. */
  column: number;
}

export interface GridWindow {
  scroller: RefObject<HTMLDivElement | null>;
  /** Rows that are drawn: [first, end). */
  first: number;
  end: number;
  active: ActiveCell;
  setActive(cell: ActiveCell): void;
  onScroll(): void;
  onKeyDown(event: KeyboardEvent): void;
}

interface GridSize {
  rows: number;
  columns: number;
}

/** Keeps the window of a grid with rows of ROW_PX; Enter calls `onOpen` with the row. */
export function useGrid({ rows, columns }: GridSize, onOpen: (row: number) => void): GridWindow {
  const scroller = useRef<HTMLDivElement>(null);
  const [view, setView] = useState({ first: 0, end: FIRST_ROWS });
  const [wanted, setActive] = useState<ActiveCell>({ row: 0, column: 0 });
  const active = { ...wanted, row: Math.max(0, Math.min(wanted.row, rows - 1)) };
  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (element === null) return;
    const top = Math.floor(element.scrollTop / ROW_PX);
    const first = Math.max(0, top - ROWS_AROUND);
    const end = top + Math.ceil(element.clientHeight / ROW_PX) + ROWS_AROUND;
    setView((before) => (before.first === first && before.end === end ? before : { first, end }));
  }, []);
  useEffect(() => {
    onScroll();
    addEventListener('resize', onScroll);
    return () => removeEventListener('resize', onScroll);
  }, [onScroll]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') {
      if (rows > 0) onOpen(active.row);
      return;
    }
    const target = moved(active, event, { rows, columns, page: pageOf(scroller.current) });
    if (target === null) return;
    event.preventDefault();
    setActive(target);
    showRow(scroller.current, target.row);
  };
  const end = Math.min(view.end, rows);
  return { scroller, first: Math.min(view.first, end), end, active, setActive, onScroll, onKeyDown };
}

function pageOf(element: HTMLElement | null): number {
  return Math.max(1, Math.floor(((element?.clientHeight ?? 0) - HEAD_PX) / ROW_PX) - 1);
}

/** Where a key leads from a cell; null: it is none of ours. */
function moved(
  { row, column }: ActiveCell,
  { key, ctrlKey }: KeyboardEvent,
  { rows, columns, page }: GridSize & { page: number },
): ActiveCell | null {
  const at = (toRow: number, toColumn: number): ActiveCell => ({
    row: Math.max(0, Math.min(toRow, rows - 1)),
    column: Math.max(0, Math.min(toColumn, columns - 1)),
  });
  switch (key) {
    case 'ArrowUp':
      return at(row - 1, column);
    case 'ArrowDown':
      return at(row + 1, column);
    case 'ArrowLeft':
      return at(row, column - 1);
    case 'ArrowRight':
      return at(row, column + 1);
    case 'PageUp':
      return at(row - page, column);
    case 'PageDown':
      return at(row + page, column);
    case 'Home':
      return at(ctrlKey ? 0 : row, 0);
    case 'End':
      return at(ctrlKey ? rows - 1 : row, columns - 1);
    default:
      return null;
  }
}

function showRow(element: HTMLElement | null, row: number): void {
  if (element === null) return;
  const top = row * ROW_PX;
  const bottom = top + ROW_PX + HEAD_PX;
  if (top < element.scrollTop) element.scrollTop = top;
  else if (bottom > element.scrollTop + element.clientHeight)
    element.scrollTop = bottom - element.clientHeight;
}
