/** Raw and adjusted prices of one asset are two series: days of both are never stored side by side silently. */
import { UsageError } from '../../../domain/text/errors.js';
import { readIsAdjusted, writeIsAdjusted } from '../../../storage/assets/quotes.js';
import type { Tx } from '../../../storage/session/database.js';

export interface AdjustmentRequest {
  readonly id: number;
  readonly file: string;
  /** What came was scaled to the adjusted close. */
  readonly isAdjusted?: boolean | undefined;
  /** `--accept-adjustment`: the other kind than the stored one is meant. */
  readonly isAdjustmentAccepted?: boolean | undefined;
  /** What was typed, with these flags added; left out: what was fetched has no such command. */
  readonly command?: ((...words: string[]) => string) | undefined;
}

/**
 * Compares what is staged with the stored prices of the asset, and remembers its kind. Call it before the staged rows are
 * moved, with the asset registered. Returns a remark for people. Throws UsageError where the other kind is stored.
 */
export async function settleAdjustment(tx: Tx, request: AdjustmentRequest): Promise<string[]> {
  const { id, file, isAdjusted = false, isAdjustmentAccepted = false, command } = request;
  const stored = await readIsAdjusted(tx, id);
  if (stored !== null && stored !== isAdjusted && !isAdjustmentAccepted) {
    const flag = command?.('--accept-adjustment') ?? '--accept-adjustment';
    throw new UsageError(
      `"${file}" gives ${nameOf(isAdjusted)} prices, and those that are stored of id ${id} are ${nameOf(stored)}: nothing was stored. ` +
        `${isAdjusted ? 'Leave --adjusted out' : 'Type --adjusted where the file has adjusted closes'}, load it as another asset, ` +
        `or replace what is stored: ${flag}`,
    );
  }
  await writeIsAdjusted(tx, id, isAdjusted);
  if (stored === null || stored === isAdjusted) return [];
  return [
    `[WARNING] id ${id} has ${nameOf(isAdjusted)} prices from now on; days that are not in this file stay ${nameOf(stored)}`,
  ];
}

function nameOf(isAdjusted: boolean): string {
  return isAdjusted ? 'adjusted' : 'raw';
}
