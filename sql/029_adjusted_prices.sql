-- Whether the prices of an asset are adjusted for splits and dividends. Raw days between adjusted ones are another price.

alter table dim_assets add column is_adjusted boolean not null default false;
comment on column dim_assets.is_adjusted is 'Its prices in cmc_price_histories7 were loaded with --adjusted: all four are scaled to the adjusted close.';
