/** Small pieces that several pages share. */
import type { ComponentChildren, JSX } from 'preact';
import type { RequestError } from './api.js';
import { asPlainText, formatTime } from './format.js';
import { hrefOf } from './route.js';

/** What is shown instead of data that is not there: the error, or that it is being read. */
export function Waiting({ error, what }: { error: RequestError | null; what: string }): JSX.Element {
  if (error === null) return <p class="quiet">Reading {what} …</p>;
  return (
    <p class="problem" role="alert">
      {asPlainText(error.message)}
    </p>
  );
}

/** A time, machine-readable as well. */
export function Time({ iso }: { iso: string }): JSX.Element {
  return <time dateTime={iso}>{formatTime(iso)}</time>;
}

/** A status word in its colour; the word alone is enough. */
export function Badge({ status }: { status: string }): JSX.Element {
  return <span class={`badge is-${status}`}>{status.replaceAll('_', ' ')}</span>;
}

/** Symbol and id of an asset, leading to its page. */
export function AssetLink({ id, symbol }: { id: number; symbol: string | null }): JSX.Element {
  return (
    <a href={hrefOf(['assets', String(id)])}>
      <bdi>{symbol === null ? id : asPlainText(symbol)}</bdi>
      {symbol !== null && <span class="quiet"> {id}</span>}
    </a>
  );
}

/** A labelled control. */
export function Field({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is its child
    <label class="field">
      <span>{label}</span>
      {children}
    </label>
  );
}

/** A table that can be scrolled by keyboard when it is wider than the screen. */
export function ScrollTable({
  label,
  children,
}: {
  label: string;
  children: ComponentChildren;
}): JSX.Element {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroll" aria-label={label} tabIndex={0}>
      <table>{children}</table>
    </section>
  );
}
