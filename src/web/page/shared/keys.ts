/** Keys of the whole page: one character, where nobody is typing. */
import { useLayoutEffect } from 'preact/hooks';

/** Calls `press` when the key is pressed; null: the key does nothing now. */
export function useKey(key: string, press: (() => void) | null): void {
  // Not after the next frame: a key pressed at once would still do what it did before.
  useLayoutEffect(() => {
    if (press === null) return undefined;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== key || event.defaultPrevented || isTyping(event.target)) return;
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      press();
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, [key, press]);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, select, textarea, [contenteditable]');
}
