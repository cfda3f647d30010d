/** Which of the two kinds of EMAs is shown. */
import type { JSX } from 'preact';
import type { EmaKind } from '../../api/asset-address.js';
import { Field } from './parts.jsx';

interface KindProps {
  value: EmaKind;
  onPick(kind: EmaKind): void;
}

/** The choice between them. */
export function EmaKindField({ value, onPick }: KindProps): JSX.Element {
  return (
    <Field label="Kind">
      <select value={value} onChange={(event) => onPick(event.currentTarget.value as EmaKind)}>
        <option value="ema">ema: from day to day</option>
        <option value="ema_bar">ema_bar: over closes of bars</option>
      </select>
    </Field>
  );
}
