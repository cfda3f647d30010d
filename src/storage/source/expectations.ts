/** What is expected of each asset: what was chosen for it, else what its source says. */
import { PLAIN_CALENDARS } from '../../domain/calendar/calendar.js';
import type { Expectations } from '../../domain/source/expectation.js';
import { UsageError } from '../../domain/text/errors.js';

/** Throws UsageError when a source names an exchange that the table of exchanges does not have. */
export async function checkExpectations(expectations: Expectations): Promise<void> {
  for (const [label, { calendar }] of expectations) {
    if (calendar === null || PLAIN_CALENDARS.some((name) => name === calendar)) continue;
    // The table of exchanges is loaded by those who need it only.
    const { exchangeCalendar, listExchanges } = await import('../../domain/calendar/exchanges.js');
    if (exchangeCalendar(calendar) === null)
      throw new UsageError(
        `sources.${label}.calendar: one of ${PLAIN_CALENDARS.join(', ')}, ${listExchanges().join(', ')} was expected, found "${calendar}"`,
      );
  }
}

/** SQL of the calendar that counts for an asset; NULL: none was set. `asset` is a row of dim_assets, `said` one of joinExpected. */
export function effectiveCalendar(asset: string, said: string): string {
  return `coalesce(${asset}.calendar, ${said}.calendar)`;
}

/** SQL that joins what the source of a state says as `said`; `first` is the number of its first of two parameters. */
export function joinExpected(said: string, state: string, first: number): string {
  return `left join unnest($${first}::text[], $${first + 1}::text[]) as ${said} (source, calendar) on ${said}.source = ${state}.source`;
}

/** Its parameters. */
export function expectedParameters(
  expectations: Expectations,
): [labels: string[], calendars: (string | null)[]] {
  return [[...expectations.keys()], [...expectations.values()].map(({ calendar }) => calendar)];
}
