/** Real prices and golden values, as they are in the shared files (shared.ts says where those are). */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import type { DailyPrice } from '../../src/domain/prices/price.js';

/** Records of a CSV file by trimmed header name. */
export function readCsv(path: string): Record<string, string>[] {
  return parse(readFileSync(path), {
    bom: true,
    columns: (header: string[]) => header.map((cell) => cell.trim()),
  });
}

/** Epoch microseconds of an ISO 8601 time in milliseconds. */
export function usOfIso(text: string | undefined): number {
  return Date.parse(text ?? '') * 1000;
}

function numberOrNull(text: string | undefined): number | null {
  return text === undefined || text.trim() === '' ? null : Number(text);
}

/** The days of a file like data/btcusd.csv, oldest first. */
export function readPriceCsv(path: string): DailyPrice[] {
  return readCsv(path)
    .map((record) => ({
      timestampUs: usOfIso(record.timestamp),
      timeOpenUs: usOfIso(record.timeOpen),
      timeCloseUs: usOfIso(record.timeClose),
      timeHighUs: usOfIso(record.timeHigh),
      timeLowUs: usOfIso(record.timeLow),
      open: numberOrNull(record.open),
      high: numberOrNull(record.high),
      low: numberOrNull(record.low),
      close: numberOrNull(record.close),
      volume: numberOrNull(record.volume),
      marketCap: numberOrNull(record.marketCap),
      name: record.name ?? null,
      sourceFile: path,
      loadTsUs: null,
    }))
    .sort((a, b) => a.timestampUs - b.timestampUs);
}
