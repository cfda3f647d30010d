import type { JSX } from 'preact';
import { asPlainText } from './format.js';
import { AssetLink, Badge, ScrollTable } from './parts.jsx';

interface AssetLine {
  component: string;
  id: number;
  symbol: string | null;
  status: string;
  reason: string;
}

/** Assets in components, each with a status and why; `status` heads that column. */
export function AssetTable({
  label,
  status: heading,
  lines,
}: {
  label: string;
  status: string;
  lines: readonly AssetLine[];
}): JSX.Element {
  return (
    <ScrollTable label={label}>
      <thead>
        <tr>
          <th>asset</th>
          <th>component</th>
          <th>{heading}</th>
          <th>reason</th>
        </tr>
      </thead>
      <tbody>
        {lines.map(({ component, id, symbol, status, reason }) => (
          <tr key={`${component} ${id}`}>
            <td class="name">
              <AssetLink id={id} symbol={symbol} />
            </td>
            <td>{component}</td>
            <td>
              <Badge status={status} />
            </td>
            <td class="text">{asPlainText(reason)}</td>
          </tr>
        ))}
      </tbody>
    </ScrollTable>
  );
}
