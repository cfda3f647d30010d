/** The health of an asset as one colour, with a sign and words for those who do not see it. */
import type { JSX } from 'preact';
import { useMemo } from 'preact/hooks';
import type { AssetHealth, HealthListResponse } from '../../api/api-freshness-types.js';
import { useApi } from './api.js';
import { asPlainText } from './format.js';
import { useRevision } from './live.js';

const SIGNS: Readonly<Record<AssetHealth, string>> = { good: '●', watch: '▲', bad: '■', retired: '○' };

export interface KnownHealth {
  health: AssetHealth;
  /** '' when all is well. */
  why: string;
}

/** By id; empty until it has been read, and when it is not wanted. Nothing waits for it. */
export function useHealth(isWanted = true): ReadonlyMap<number, KnownHealth> {
  const { data } = useApi<HealthListResponse>(isWanted ? '/api/health-of-assets' : null, useRevision());
  return useMemo(
    () =>
      new Map(
        data?.id.map((id, index) => [
          id,
          { health: data.health[index] ?? 'good', why: data.why[index] ?? '' },
        ]),
      ),
    [data],
  );
}

interface HealthProps {
  known: KnownHealth | undefined;
  /** The word beside the sign is for everybody, not for screen readers alone. */
  withWord?: boolean;
}

/** Nothing while it is not known. */
export function Health({ known, withWord = false }: HealthProps): JSX.Element | null {
  if (known === undefined) return null;
  const { health, why } = known;
  const words = why === '' ? health : `${health}: ${asPlainText(why)}`;
  return (
    <span class={`health is-${health}`} title={words}>
      <span aria-hidden="true">{withWord ? `${SIGNS[health]} ${health}` : SIGNS[health]}</span>
      <span class="hidden">{words}</span>
    </span>
  );
}
