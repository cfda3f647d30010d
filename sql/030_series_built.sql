-- Which series of an asset were built, beside what they go on from: where bar_carry or ema_carry and their rows are lost
-- as a whole, nothing else tells them from series that were never built. Written and deleted in one transaction with
-- bar_carry and ema_carry; equal to the names in them, unless something is broken.

create table series_built (
  id        int not null,
  component text not null check (component in ('bars', 'emas')),
  alignment bar_alignment not null,
  tf        text[] collate "C" not null,
  primary key (id, component, alignment)
);
comment on table series_built is 'The series that an asset has, by component: what verify expects where their rows are gone.';
comment on column series_built.tf is 'Timeframes in the order of their names, as in bar_carry.tf; of EMAs those of ema_carry.tf and lag_tf together.';

insert into series_built
select id, 'bars', alignment, tf from bar_carry
union all
select id, 'emas', alignment,
  array(select name collate "C" from unnest(tf || lag_tf) name group by name collate "C" order by name collate "C")
from ema_carry;
