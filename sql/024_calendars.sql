-- On which days prices of an asset are expected, so that a missing one is noticed and a weekend is not.

alter table dim_assets add column calendar text collate "C"
  check (calendar in ('daily', 'weekdays', 'none', 'learnt') or calendar ~ '^[A-Z0-9]{4}$');
comment on column dim_assets.calendar is 'When prices are expected: daily, weekdays, none (history that gets no new days), learnt, or the MIC of an exchange, such as XNYS. NULL: as its source says, else learnt.';

create table asset_calendar (
  id        int primary key check (id >= 1),
  -- Monday 1, Tuesday 2, … Sunday 64, added up.
  weekdays  smallint check (weekdays between 1 and 127),
  learnt_to date,
  ceased_on date
);
comment on table asset_calendar is 'What runs found out about when prices of an asset come. A weekday that was learnt stays until a person types "asset calendar ID learnt".';
comment on column asset_calendar.weekdays is 'Days of the week that its last half year had; NULL: too few days to tell.';
comment on column asset_calendar.learnt_to is 'The newest day that they were learnt from.';
comment on column asset_calendar.ceased_on is 'When it was named as ceased: no price for more than thirty expected days while others of its source arrived. NULL: it has not.';

create table dim_exchange_day (
  mic    text collate "C" not null check (mic ~ '^[A-Z0-9]{4}$'),
  day    date not null check (day between '0001-01-01' and '9999-12-31'),
  is_open boolean not null,
  note   text,
  primary key (mic, day)
);
comment on table dim_exchange_day is 'Days that a user added to the calendar of an exchange: a holiday, or a session at a weekend. They win over the table that ships with barwright.';
