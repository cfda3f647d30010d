import type { JSX } from 'preact';

/** The page. */
export function RunPage(_props: Record<string, unknown>): JSX.Element {
  return <h1>RunPage</h1>;
}
