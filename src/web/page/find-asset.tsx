/** The search in the head: / leads to it from everywhere. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { AssetPicker } from './finding/asset-picker.jsx';
import { useKey } from './shared/keys.js';
import { goTo, hrefOf, type Route } from './shared/route.js';

/** Opens the asset that is picked; from the page of another one it is shown in the same way. */
export function FindAsset({ route }: { route: Route }): JSX.Element {
  const field = useRef<HTMLInputElement>(null);
  useKey('/', () => field.current?.focus());
  const isAsset = route.path[0] === 'assets' && route.path.length > 1;
  return (
    <AssetPicker
      label="Find an asset ( / )"
      isCompact
      field={field}
      onPick={({ id }) => {
        field.current?.blur();
        goTo(`${hrefOf(['assets', String(id)])}${isAsset ? location.search : ''}`);
      }}
    />
  );
}
