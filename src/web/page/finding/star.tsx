/** The mark of a favourite. */
import type { JSX } from 'preact';
import { toggleFavourite, useFavourites } from './favourites.js';

/** Says that an asset of a list is one. */
export function Marked(): JSX.Element {
  return (
    <>
      <span aria-hidden="true">★ </span>
      <span class="hidden">favourite </span>
    </>
  );
}

/** A button that marks an asset, or takes its mark away. */
export function Star({ id }: { id: number }): JSX.Element {
  const isMarked = useFavourites().has(id);
  return (
    <button
      type="button"
      class="star"
      aria-label="Favourite"
      aria-pressed={isMarked}
      onClick={() => toggleFavourite(id)}
    >
      <span aria-hidden="true">{isMarked ? '★' : '☆'}</span>
    </button>
  );
}
