-- The source: one row per asset and UTC day, as delivered. A table or view of this name that was here before us
-- is the user's own: it is read and never altered. The comment is how ours is known.

do $$
begin
  if to_regclass('cmc_price_histories7') is not null then
    return;
  end if;
  create table cmc_price_histories7 (
    id                int not null,
    name              text,
    timeopen          timestamptz,
    timeclose         timestamptz,
    timehigh          timestamptz,
    timelow           timestamptz,
    timestamp         timestamptz not null,
    open              double precision,
    high              double precision,
    low               double precision,
    close             double precision,
    volume            double precision,
    marketcap         double precision,
    circulatingsupply double precision,
    source_file       text,
    load_ts           timestamptz default now(),
    primary key (id, timestamp)
  );
  comment on table cmc_price_histories7 is 'Daily prices as delivered; made by barwright, which follows every change of it.';
end
$$;
