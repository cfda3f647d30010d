-- What the prices of an asset are in. Prices in another currency must not stand between its own without a word.

alter table dim_assets
  add column quote_currency text collate "C" check (quote_currency ~ '^[A-Z][A-Z0-9]{1,11}$'),
  add column quote_tokens text[] not null default '{}',
  add column volume_in text collate "C" check (volume_in in ('coins', 'money'));
comment on column dim_assets.quote_currency is 'Currency of its prices, such as USD, from its first source that says one; NULL: no source has said.';
comment on column dim_assets.quote_tokens is 'Tokens that were taken for this currency, and of which that was said: USDT for USD.';
comment on column dim_assets.volume_in is 'What the volume of its newest source counts: units of the asset, or money; NULL: no source has said.';
