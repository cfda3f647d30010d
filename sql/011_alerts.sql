-- What somebody was told about failing runs, so that the same cause is told once in twelve hours, and its end.

create table alert_log (
  -- Component and reason without numbers: the same the next night.
  cause      text primary key,
  kind       text not null check (kind in ('failure', 'warning', 'quarantine', 'death')),
  -- null: the run as a whole.
  component  text,
  ids        int[] not null,
  words      text not null,
  is_open    boolean not null,
  -- Somebody was told since it is open.
  is_told    boolean not null,
  -- Clock of the machine that ran barwright.
  first_seen timestamptz not null,
  last_seen  timestamptz not null,
  last_sent  timestamptz
);
