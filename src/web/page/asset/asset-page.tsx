import type { JSX } from 'preact';

/** The page. */
export function AssetPage(_props: Record<string, unknown>): JSX.Element {
  return <h1>AssetPage</h1>;
}
