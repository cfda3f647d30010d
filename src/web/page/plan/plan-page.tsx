import type { JSX } from 'preact';

/** The page. */
export function PlanPage(_props: Record<string, unknown>): JSX.Element {
  return <h1>PlanPage</h1>;
}
