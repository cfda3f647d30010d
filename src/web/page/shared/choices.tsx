/** Choosing one or several of a list. */
import type { JSX } from 'preact';

interface SelectProps {
  value: string;
  values: readonly string[];
  onPick(value: string): void;
}

/** One of them. */
export function Select({ value, values, onPick }: SelectProps): JSX.Element {
  return (
    <select value={value} onChange={(event) => onPick(event.currentTarget.value)}>
      {values.map((each) => (
        <option key={each} value={each}>
          {each}
        </option>
      ))}
    </select>
  );
}

interface ChecksProps<T> {
  /** For screen readers. */
  label: string;
  values: readonly T[];
  picked: readonly T[];
  /** In the order of `values`, so that the same choice has the same address. */
  onPick(picked: T[]): void;
}

/** Any of them. */
export function Checks<T extends string | number>({
  label,
  values,
  picked,
  onPick,
}: ChecksProps<T>): JSX.Element {
  const toggle = (value: T) => onPick(values.filter((each) => picked.includes(each) !== (each === value)));
  return (
    <fieldset class="chips">
      <legend class="hidden">{label}</legend>
      {values.map((value) => (
        <label key={value} class="check">
          <input type="checkbox" checked={picked.includes(value)} onChange={() => toggle(value)} />
          {value}
        </label>
      ))}
    </fieldset>
  );
}
