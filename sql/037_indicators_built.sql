-- series_built lists indicators too: where indicator_carry and indicator_points are lost as a whole, nothing else tells
-- them from indicators that were never built.

alter table series_built
  drop constraint series_built_component_check,
  add constraint series_built_component_check check (component in ('bars', 'emas', 'indicators'));
comment on column series_built.tf is 'Timeframes in the order of their names, as in bar_carry.tf and indicator_carry.tf; of EMAs those of ema_carry.tf and lag_tf together.';

insert into series_built (id, component, alignment, tf)
select id, 'indicators', alignment, tf from indicator_carry;
