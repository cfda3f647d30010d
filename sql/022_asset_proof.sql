-- Changes of prices that no trigger tells of: when the source rows of an asset were last compared with its fingerprint,
-- and in which file of the table they were then. ALTER TABLE … USING writes the table anew, and fires no trigger.

create table asset_proof (
  id         int primary key,
  proven_at  timestamptz,
  storage    bigint,
  is_doubted boolean not null default false
);
comment on table asset_proof is 'When each asset''s source was last proven to be what its bars were made of; NULL: not since it was built.';
comment on column asset_proof.is_doubted is 'It was found to differ: the bars are compared with every row of the source, and repaired.';
comment on column asset_proof.storage is 'pg_relation_filenode of the source table then; NULL: a source that has none.';

-- They fire also where session_replication_role is replica.
do $$
declare
  event text;
begin
  if obj_description(to_regclass('cmc_price_histories7'), 'pg_class') like '%made by barwright%' then
    foreach event in array array['insert', 'update', 'delete', 'truncate'] loop
      if exists (select from pg_trigger where tgrelid = to_regclass('cmc_price_histories7') and tgname = 'price_change_' || event) then
        execute format('alter table cmc_price_histories7 enable always trigger %I', 'price_change_' || event);
      end if;
    end loop;
  end if;
end
$$;
