/** Is everything fresh? */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { FreshnessResponse, FreshnessStatus } from '../../api/api-freshness-types.js';
import { useApi } from '../shared/api.js';
import { countOf, formatCount, formatHours } from '../shared/format.js';
import { useRevision } from '../shared/live.js';
import { Field, Time, Waiting } from '../shared/parts.jsx';
import { goTo, hrefOf } from '../shared/route.js';
import { FreshnessGrid } from './freshness-grid.jsx';
import { BY_URGENCY, type Selection, type SortKey, STATUS_LABELS, selectRows } from './freshness-rows.js';

/** The page. Filter, search and order are in the address. */
export function FreshnessPage({ query }: { query: URLSearchParams }): JSX.Element {
  const { data, error } = useApi<FreshnessResponse>('/api/freshness', useRevision());
  const selection = readSelection(query, data);
  const { search, status, sort, isDescending } = selection;
  const rows = useMemo(
    () => (data === null ? [] : selectRows(data, { search, status, sort, isDescending })),
    [data, search, status, sort, isDescending],
  );
  return (
    <>
      <h1>Freshness</h1>
      {data === null ? (
        <Waiting error={error} what="the freshness of all assets" />
      ) : (
        <>
          <Summary
            data={data}
            status={selection.status}
            onPick={(picked) => keep({ ...selection, status: picked })}
          />
          <Controls selection={selection} shown={rows.length} total={data.assets.id.length} />
          {rows.length > 0 ? (
            <FreshnessGrid
              data={data}
              rows={rows}
              selection={selection}
              onSort={(key) => keep(sortedBy(selection, key))}
            />
          ) : (
            <Nothing
              isThere={data.assets.id.length > 0}
              onAll={() => keep({ ...selection, search: '', status: null })}
            />
          )}
        </>
      )}
    </>
  );
}

function Nothing({ isThere, onAll }: { isThere: boolean; onAll(): void }): JSX.Element {
  if (!isThere)
    return (
      <p class="empty">
        There is no asset yet: <code>barwright ingest FILE --id ID</code> brings in prices of one.
      </p>
    );
  return (
    <p class="empty">
      No asset is like that.{' '}
      <button type="button" onClick={onAll}>
        Show all assets
      </button>
    </p>
  );
}

interface SummaryProps {
  data: FreshnessResponse;
  status: FreshnessStatus | null;
  onPick(status: FreshnessStatus | null): void;
}

function Summary({ data, status, onPick }: SummaryProps): JSX.Element {
  const counts = new Map(data.statuses.map((each, index) => [each, data.counts[index] ?? 0]));
  return (
    <>
      <p class="lead">
        {verdictOf(data)}{' '}
        <span class="quiet">
          {data.limitHours === null ? 'Late by their calendars' : `Limit ${formatHours(data.limitHours)}`}, as
          of <Time iso={data.now} />.
        </span>
      </p>
      <fieldset class="chips">
        <legend class="hidden">Show assets with a cell that is</legend>
        <span class="quiet" aria-hidden="true">
          Cells:
        </span>
        {BY_URGENCY.filter((each) => (counts.get(each) ?? 0) > 0 || each === status).map((each) => (
          <button
            key={each}
            type="button"
            class={`chip is-${each}`}
            aria-pressed={status === each}
            onClick={() => onPick(status === each ? null : each)}
          >
            {STATUS_LABELS[each]} <b>{formatCount(counts.get(each) ?? 0)}</b>
          </button>
        ))}
      </fieldset>
    </>
  );
}

function Controls({
  selection,
  shown,
  total,
}: {
  selection: Selection;
  shown: number;
  total: number;
}): JSX.Element {
  const sorts: [SortKey, string][] = [
    ['worst', 'worst first'],
    ['id', 'id'],
    ['symbol', 'symbol'],
  ];
  const isKnown = sorts.some(([key]) => key === selection.sort);
  return (
    <div class="controls">
      <Field label="Search symbol, name or id">
        <input
          type="search"
          value={selection.search}
          onInput={(event) => keep({ ...selection, search: event.currentTarget.value })}
        />
      </Field>
      <Field label="Order">
        <select
          value={selection.sort}
          onChange={(event) =>
            keep({ ...selection, sort: event.currentTarget.value as SortKey, isDescending: false })
          }
        >
          {sorts.map(([key, label]) => (
            <option key={key} value={key}>
              {label}
            </option>
          ))}
          {!isKnown && <option value={selection.sort}>{selection.sort}</option>}
        </select>
      </Field>
      <span class="quiet" role="status">
        {shown === total ? countOf(total, 'asset') : `${formatCount(shown)} of ${countOf(total, 'asset')}`}
      </span>
    </div>
  );
}

function verdictOf({ assets, counts, statuses }: FreshnessResponse): string {
  if (assets.id.length === 0) return 'There is nothing yet.';
  const isFresh = counts.every((count, index) => count === 0 || isGood(statuses[index]));
  return isFresh ? 'Everything is fresh.' : 'Not everything is fresh.';
}

function isGood(status: FreshnessStatus | undefined): boolean {
  return status === 'fresh' || status === 'retired';
}

function readSelection(query: URLSearchParams, data: FreshnessResponse | null): Selection {
  const sort = (query.get('sort') ?? 'worst') as SortKey;
  const known = ['id', 'symbol', 'worst', ...(data?.tables.map(({ key }) => key) ?? [])];
  const status = BY_URGENCY.find((each) => each === query.get('status')) ?? null;
  return {
    search: query.get('search') ?? '',
    status,
    sort: known.includes(sort) ? sort : 'worst',
    isDescending: query.has('down'),
  };
}

/** A second click on a heading turns the order round. */
function sortedBy(selection: Selection, key: SortKey): Selection {
  return { ...selection, sort: key, isDescending: selection.sort === key && !selection.isDescending };
}

function keep({ search, status, sort, isDescending }: Selection): void {
  const query = {
    search,
    status: status ?? '',
    sort: sort === 'worst' ? '' : sort,
    down: isDescending ? '1' : '',
  };
  goTo(hrefOf([], query), { replace: true });
}
