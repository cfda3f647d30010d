-- Days that a source over the network was asked for and did not have: one that stays empty is asked for less often.

create table price_hole (
  id       int not null check (id >= 1),
  source   text not null,
  day      date not null,
  asked    int not null check (asked >= 1),
  asked_at timestamptz not null,
  primary key (id, source, day)
);
comment on table price_hole is 'Days between stored ones that a source (such as "kraken BTC/USD") was asked for and did not have: how many times, and when last.';
