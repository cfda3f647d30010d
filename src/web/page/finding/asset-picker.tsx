/** A field that finds an asset while one types. */
import type { JSX, Ref } from 'preact';
import { useId, useState } from 'preact/hooks';
import { asPlainText } from '../shared/format.js';
import { Health, type KnownHealth, useHealth } from '../shared/health.jsx';
import { type ListedAsset, useAssetList } from './asset-list.js';
import { useFavourites } from './favourites.js';
import { findAssets } from './find-assets.js';
import { Marked } from './star.jsx';

const MOST_SHOWN = 12;

interface PickerProps {
  label: string;
  /** The label is in the field, not above it. */
  isCompact?: boolean;
  field?: Ref<HTMLInputElement>;
  onPick(asset: ListedAsset): void;
}

/** Arrow keys choose among what is found, Enter takes it, Escape leaves. */
export function AssetPicker({ label, isCompact = false, field, onPick }: PickerProps): JSX.Element {
  const id = useId();
  const [text, setText] = useState('');
  const [isOpen, setIsOpen] = useState(false);
  const [active, setActive] = useState(0);
  const favourites = useFavourites();
  const { assets } = useAssetList(isOpen);
  const health = useHealth(isOpen);
  const found = isOpen && assets !== null ? findAssets(assets, text, favourites).slice(0, MOST_SHOWN) : [];
  const close = () => {
    setIsOpen(false);
    setText('');
    setActive(0);
  };
  const pick = (asset: ListedAsset | undefined) => {
    if (asset === undefined) return;
    close();
    onPick(asset);
  };
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLInputElement }) => {
    if (event.key === 'Enter') pick(found[active]);
    else if (event.key === 'Escape') {
      close();
      event.currentTarget.blur();
    } else if (event.key === 'ArrowDown') setActive(Math.min(active + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setActive(Math.max(active - 1, 0));
    else return;
    event.preventDefault();
  };
  return (
    <div class="field picker">
      <label class={isCompact ? 'hidden' : undefined} for={id}>
        {label}
      </label>
      <input
        id={id}
        ref={field ?? null}
        type="text"
        placeholder={isCompact ? label : undefined}
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-expanded={found.length > 0}
        aria-controls={`${id}-found`}
        aria-autocomplete="list"
        aria-activedescendant={found.length > 0 ? `${id}-${active}` : undefined}
        value={text}
        onFocus={() => setIsOpen(true)}
        onBlur={close}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <Found
        id={id}
        label={label}
        found={found}
        active={active}
        favourites={favourites}
        health={health}
        onPick={pick}
      />
    </div>
  );
}

interface FoundProps {
  /** Of the field; those of its list and options begin with it. */
  id: string;
  label: string;
  found: readonly ListedAsset[];
  active: number;
  favourites: ReadonlySet<number>;
  health: ReadonlyMap<number, KnownHealth>;
  onPick(asset: ListedAsset): void;
}

function Found({ id, label, found, active, favourites, health, onPick }: FoundProps): JSX.Element {
  return (
    <div class="found" id={`${id}-found`} role="listbox" aria-label={label} hidden={found.length === 0}>
      {found.map((asset, index) => (
        // biome-ignore lint/a11y/useFocusableInteractive: the field has the focus
        // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the field does the same
        <div
          key={asset.id}
          id={`${id}-${index}`}
          role="option"
          aria-selected={index === active}
          // The field keeps the focus, so that the list is still there when the button goes up.
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onPick(asset)}
        >
          <Health known={health.get(asset.id)} /> {favourites.has(asset.id) && <Marked />}
          <bdi>{asPlainText(asset.symbol ?? asset.name ?? `asset ${asset.id}`)}</bdi>{' '}
          <span class="quiet">
            {asset.id}
            {asset.name !== null && asset.name !== asset.symbol && (
              <>
                {' '}
                <bdi>{asPlainText(asset.name)}</bdi>
              </>
            )}
          </span>
        </div>
      ))}
    </div>
  );
}
