-- A fingerprint was an exclusive-or of hashes, in which two equal rows cancel: a correction of both was never noticed.
-- It is a sum now. Those that are stored in the form before are compared in that form once, and written anew.

alter table cmc_price_bars_1d_state add column src_form smallint not null default 1;
comment on column cmc_price_bars_1d_state.src_form is 'Form of src_hash: 1 exclusive-or of row hashes, as it was; 2 their sum.';

alter table asset_quarantine add column src_form smallint not null default 1;
comment on column asset_quarantine.src_form is 'Form of src_hash: 1 exclusive-or of row hashes, as it was; 2 their sum.';
