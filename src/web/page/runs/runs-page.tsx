import type { JSX } from 'preact';

/** The page. */
export function RunsPage(_props: Record<string, unknown>): JSX.Element {
  return <h1>RunsPage</h1>;
}
