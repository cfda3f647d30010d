/** The end of a run: assets whose rows or source say what they are in, and that no ingest has asked, get their currency. */
import { agreed, claimOfRow } from '../../domain/prices/currency.js';
import { listUnknownMarks } from '../../storage/assets/learn-quotes.js';
import { readAssetQuote, writeAssetQuote } from '../../storage/assets/quotes.js';
import { holdLease } from '../../storage/lease/lease.js';
import { writeDescribedQuotes } from '../../storage/source/money.js';
import type { Source, SourcePart } from '../../storage/source/source.js';
import { describeError } from '../program/describe-error.js';
import { formatIdList } from '../program/format-id-list.js';
import { noteCause } from '../report/causes-of-report.js';
import type { FindingScope } from './judge-findings.js';

/**
 * Learns the currencies of own tables, and of a warehouse that was there before currencies were. Rows that name two are no
 * answer. Never throws: the next run learns what this one could not.
 */
export async function learnQuotes(scope: FindingScope & { source: Source }): Promise<void> {
  try {
    for (const part of scope.source.parts) await learnOfSource(scope, part);
    await learnOfRows(scope);
  } catch (error) {
    scope.report.warnings.push(`currencies were not looked up: ${describeError(error)}`);
  }
}

/** What the description of a source says holds for all assets that it has. */
async function learnOfSource(
  { database, lease, report, signal }: FindingScope,
  part: SourcePart,
): Promise<void> {
  const { label, description } = part;
  if (signal.aborted || (description?.currency == null && description?.volume == null)) return;
  const { token, otherUnit } = await database.repeatable(async (tx) => {
    await holdLease(tx, lease);
    return writeDescribedQuotes(tx, part);
  });
  if (token !== null)
    noteCause(report, 'quote_said', {
      ids: token.ids,
      sentence: `${token.name} of the source "${label}" counts as ${token.code}`,
    });
  if (otherUnit.length > 0) {
    const unit = description?.volume === 'coins' ? 'units of the asset' : 'money';
    report.warnings.push(
      `the volume of the source "${label}" is in ${unit}, and that of the days before was not: sums over both mean nothing: ID ${formatIdList(otherUnit)}`,
    );
  }
}

async function learnOfRows({ database, lease, signal }: FindingScope): Promise<void> {
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
}
