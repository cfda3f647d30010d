/** The formats of files. */
import { ARROW } from './arrow.js';
import { CSV } from './csv.js';
import type { FileFormat } from './format.js';
import type { ExportFormat } from './names.js';
import { PARQUET } from './parquet.js';

export const FORMATS: Readonly<Record<ExportFormat, FileFormat>> = {
  parquet: PARQUET,
  arrow: ARROW,
  csv: CSV,
};
