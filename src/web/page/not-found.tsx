/** What is shown where there is no page. */
import type { JSX } from 'preact';
import { asPlainText } from './shared/format.js';

/** Names the address, and where to go from here. */
export function NotFound({ path }: { path: string }): JSX.Element {
  return (
    <>
      <h1>There is no such page</h1>
      <p class="problem" role="alert">
        There is nothing at <code>{asPlainText(path)}</code>.
      </p>
      <p>
        <a href="/">Freshness of all assets</a> · <a href="/assets">Choose an asset</a> ·{' '}
        <a href="/runs">The last runs</a>
      </p>
    </>
  );
}
