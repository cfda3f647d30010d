-- Trigger functions that run with their owner's rights are for our own tables. Who may execute one may put it on a table of
-- their own, with columns of a type that they have made, whose conversions would run as the owner.
do $$
declare
  made regprocedure;
begin
  for made in
    select p.oid from pg_proc p
    where p.pronamespace = quote_ident(current_schema())::regnamespace and p.prosecdef and p.prorettype = 'trigger'::regtype
      and p.proname in ('price_change_note_insert', 'price_change_note_update', 'price_change_note_delete',
                        'price_change_note_truncate', 'series_sums_void')
  loop
    execute format('revoke all on function %s from public', made);
  end loop;
  -- Those of "init --track-changes" did not look at the types when they fired. Without them every run compares
  -- fingerprints; "init --track-changes" makes new ones.
  for made in
    select p.oid from pg_proc p
    where p.pronamespace = quote_ident(current_schema())::regnamespace and p.proname ~ '^price_change_note_[0-9a-f]{12}$'
  loop
    execute format('drop function %s cascade', made);
  end loop;
end
$$;
