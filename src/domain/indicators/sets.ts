/** Sets of indicators that have a name. */

/** `barwright indicator add --set common`: ten that most charts and screeners ask for. */
export const INDICATOR_SETS = {
  common: [
    'sma_20',
    'sma_50',
    'sma_200',
    'rsi_14',
    'macd_12_26_9',
    'bbands_20_2',
    'atr_14',
    'roc_10',
    'mfi_14',
    'vol_20',
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;
export type IndicatorSetName = keyof typeof INDICATOR_SETS;
