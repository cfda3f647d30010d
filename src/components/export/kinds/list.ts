/** The kinds of rows that files are made of. */
import type { ExportKind } from '../../../storage/reading/export.js';
import { BAR_ROWS } from './bars.js';
import { DAILY_ROWS } from './daily.js';
import { EMA_ROWS } from './emas.js';
import { INDICATOR_ROWS } from './indicators.js';
import type { KindOfRows } from './request.js';

export const KINDS: Readonly<Record<ExportKind, KindOfRows>> = {
  daily: DAILY_ROWS,
  bars: BAR_ROWS,
  emas: EMA_ROWS,
  indicators: INDICATOR_ROWS,
};
