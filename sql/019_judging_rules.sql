-- Which rules the source rows of an asset were judged by: with others its days are judged anew.

alter table cmc_price_bars_1d_state add column rules int not null default 1;
comment on column cmc_price_bars_1d_state.rules is 'Version of the rules that the source rows were judged by (JUDGING_VERSION of the program).';
