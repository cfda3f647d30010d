/** A field for a day. The browser's own would show it as the language of the reader has it, and days here are ISO and UTC. */
import type { JSX } from 'preact';
import { useEffect, useId, useState } from 'preact/hooks';
import { DAY_PATTERN } from '../../api/asset-address.js';
import { asPlainText } from '../shared/format.js';
import { type DayRange, dayProblemOf } from './day-text.js';

interface DayFieldProps {
  label: string;
  /** 'YYYY-MM-DD', '' for none. */
  value: string;
  /** null: not known yet. */
  range: DayRange | null;
  onPick(day: string): void;
}

/** Takes a day when Enter is pressed or the field is left; says why when it does not. */
export function DayField({ label, value, range, onPick }: DayFieldProps): JSX.Element {
  const id = useId();
  const [text, setText] = useState(value);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    setText(value);
    setProblem(null);
  }, [value]);
  const take = (typed: string) => {
    const wanted = typed.trim();
    const found = wanted === '' ? null : dayProblemOf(wanted, range);
    setProblem(found);
    if (found === null && wanted !== value) onPick(wanted);
  };
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        class="day"
        type="text"
        inputMode="numeric"
        autocomplete="off"
        spellcheck={false}
        pattern={DAY_PATTERN}
        value={text}
        aria-invalid={problem !== null}
        aria-describedby={`${id}-problem`}
        onInput={(event) => setText(event.currentTarget.value)}
        onChange={(event) => take(event.currentTarget.value)}
      />
      <span id={`${id}-problem`} class="field-problem" role="alert">
        {problem === null ? '' : asPlainText(problem)}
      </span>
    </div>
  );
}
