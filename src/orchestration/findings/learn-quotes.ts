/** The end of a run: assets whose rows say what they are in, and that no ingest has asked, get their currency. */
import { agreed, claimOfRow } from '../../domain/currency.js';
import { readAssetQuote, writeAssetQuote } from '../../storage/asset-quotes.js';
import { listUnknownMarks } from '../../storage/learn-quotes.js';
import { holdLease } from '../../storage/lease.js';
import { describeError } from '../describe-error.js';
import type { FindingScope } from './judge-findings.js';

/**
 * Learns the currencies of own tables, and of a warehouse that was there before currencies were. Rows that name two are no
 * answer. Never throws: the next run learns what this one could not.
 */
export async function learnQuotes({ database, lease, report, signal }: FindingScope): Promise<void> {
  try {
    const marks = await database.read((tx) =>
      listUnknownMarks(tx, (each) => claimOfRow(each).currency !== null),
    );
    if (marks.size === 0 || signal.aborted) return;
    await database.repeatable(async (tx) => {
      await holdLease(tx, lease);
      for (const [id, rows] of marks) {
        const claims = rows.map(claimOfRow);
        const currency = agreed(claims.map((claim) => claim.currency?.code ?? null));
        if (currency === null) continue;
        const quote = await readAssetQuote(tx, id);
        const volume = quote.volume ?? agreed(claims.map((claim) => claim.volume));
        await writeAssetQuote(tx, id, { ...quote, currency, volume });
      }
    });
  } catch (error) {
    report.warnings.push(`currencies were not looked up: ${describeError(error)}`);
  }
}
