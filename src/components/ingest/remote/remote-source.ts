import type { Day } from '../../../domain/calendar/day.js';
import type { DaySpan } from '../../../domain/source/fetch-plan.js';
import type { StagedPrice } from '../../../storage/prices/staging.js';
import type { SaidAsset } from '../cells/asset.js';
import type { BadLine, PriceLayout } from '../prices/price-source.js';

export interface RemoteRequest {
  readonly id: number;
  /** The days that are wanted, ascending; days outside of them are not in the answer. */
  readonly spans: readonly DaySpan[];
  /** The UTC day that is not over yet: the first one that is not wanted. */
  readonly today: Day;
  /** What is worth printing while you wait. */
  say(text: string): void;
}

export interface RemotePrices {
  /** What the answer says of its asset; null where it is silent. */
  readonly said: SaidAsset | null;
  readonly prices: readonly StagedPrice[];
  readonly bad: readonly BadLine[];
  /** Records that are left out by name, whatever was typed: they are no days of ours. */
  readonly leftOut?: readonly BadLine[];
  readonly layout: PriceLayout;
}

/** Prices that are asked for over the network, and not read from a file. */
export interface RemoteSource {
  /** What stored rows name as their origin, such as "kraken BTC/USD". */
  readonly label: string;
  /** The format of a report (sources.ts). */
  readonly format: string;
  /** The symbol that the asset should have; null: any. */
  readonly symbol: string | null;
  /** Code of the currency that prices are asked for in. */
  readonly currency: string;
  /** Asks for the days of the spans. */
  fetchPrices(request: RemoteRequest): Promise<RemotePrices>;
}
