/** What was somebody alerted about? */
import type { JSX } from 'preact';
import type { AlertsResponse, ToldAlert } from '../../api/api-types.js';
import { useApi } from '../shared/api.js';
import { asPlainText, countOf } from '../shared/format.js';
import { useRevision } from '../shared/live.js';
import { Badge, ScrollTable, Time, Waiting } from '../shared/parts.jsx';

const FEW = 5;

/** The alerts of this warehouse, what is open first. */
export function AlertsPage(): JSX.Element {
  const { data, error } = useApi<AlertsResponse>('/api/alerts', useRevision());
  return (
    <>
      <h1>Alerts</h1>
      <p class="lead">What runs found wrong and sent, or would have sent, to the channels that you set up.</p>
      {data === null ? <Waiting error={error} what="the alerts" /> : <Table {...data} />}
    </>
  );
}

function Table({ alerts, count }: AlertsResponse): JSX.Element {
  if (alerts.length === 0) return <p class="quiet">Nobody was alerted about anything.</p>;
  return (
    <>
      <ScrollTable label="Alerts">
        <thead>
          <tr>
            <th>state</th>
            <th>since (UTC)</th>
            <th>last seen (UTC)</th>
            <th>sent (UTC)</th>
            <th>what</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert) => (
            <tr key={`${alert.firstSeen} ${alert.component} ${alert.words}`}>
              <td>
                <Badge status={alert.isOpen ? 'failed' : 'ok'} /> {alert.isOpen ? 'open' : 'ended'}
              </td>
              <td>
                <Time iso={alert.firstSeen} />
              </td>
              <td>
                <Time iso={alert.lastSeen} />
              </td>
              <td>{alert.lastSent === null ? 'not sent' : <Time iso={alert.lastSent} />}</td>
              <td class="text">{asPlainText(wordsOf(alert))}</td>
            </tr>
          ))}
        </tbody>
      </ScrollTable>
      {count > alerts.length && <p class="quiet">And {countOf(count - alerts.length, 'older one')}.</p>}
    </>
  );
}

function wordsOf({ component, ids, words }: ToldAlert): string {
  const who =
    ids.length === 0
      ? []
      : [`${countOf(ids.length, 'asset')} (${ids.slice(0, FEW).join(', ')}${ids.length > FEW ? ', …' : ''})`];
  return `${[component ?? 'run', ...who].join(', ')}: ${words}`;
}
