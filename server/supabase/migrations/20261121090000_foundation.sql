-- What every later file stands on: schemas, extensions, roles, the one clock, shared types and trigger functions.
create schema if not exists app;
create schema if not exists extensions;
create extension if not exists pg_trgm with schema extensions;
create extension if not exists unaccent with schema extensions;

-- mixmint_api is how the server signs in. It inherits nothing: without a role of its own choosing it can read no table.
-- mixmint_server is the server's own hand: it is taken for one statement group inside a call's transaction.
do $$ begin
  if not exists (select from pg_roles where rolname = 'mixmint_server') then create role mixmint_server nologin noinherit; end if;
  if not exists (select from pg_roles where rolname = 'mixmint_api') then create role mixmint_api login noinherit; end if;
end $$;
grant anon, authenticated, service_role, mixmint_server to mixmint_api;
alter role mixmint_api set timezone = 'UTC';
alter role mixmint_api set search_path = public, extensions;
alter role mixmint_api set statement_timeout = '5s';
alter role mixmint_api set lock_timeout = '2s';
alter role mixmint_api set idle_in_transaction_session_timeout = '10s';

-- At its start the server compares the ledger with the migrations it brings.
do $$ begin
  if to_regclass('supabase_migrations.schema_migrations') is not null then
    grant usage on schema supabase_migrations to mixmint_api;
    grant select on supabase_migrations.schema_migrations to mixmint_api;
  end if;
end $$;

grant usage on schema app to anon, authenticated, service_role, mixmint_server;
grant usage on schema public, extensions to mixmint_server;

create type public.user_role as enum ('user', 'dj', 'author', 'engineer', 'admin', 'super_admin');
create type public.subscription_tier as enum ('free', 'pro');
create type public.onboarding_step as enum ('username', 'stats', 'welcome');
create type public.content_type as enum ('track', 'album', 'fan', 'product', 'deliverable', 'order_file');

-- The only place that reads the clock. It moves on while a statement waits for a lock, so an expiry is judged after the wait.
create function app.now() returns timestamptz language sql stable set search_path = '' as
  $$ select clock_timestamp() $$;
comment on function app.now() is 'clock';

create function app.today() returns date language sql stable set search_path = '' as
  $$ select (app.now() at time zone 'UTC')::date $$;

create function app.touch_updated_at() returns trigger language plpgsql set search_path = '' as $$
begin
  new.updated_at := app.now();
  return new;
end $$;

create function app.forbid_change() returns trigger language plpgsql set search_path = '' as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'object_not_in_prerequisite_state';
end $$;

-- Text as it is compared in a search: lower case, without accents, one space between words.
create function app.search_form(words text) returns text language sql stable set search_path = '' as $$
  select btrim(regexp_replace(lower(extensions.unaccent('extensions.unaccent', coalesce(words, ''))), '\s+', ' ', 'g'))
$$;

-- Finishes every table of schema public that is new since the last call: nothing for anybody until granted, row level security that also
-- binds the owner, the server's policy, an index on each foreign key, and updated_at. Each migration that creates tables ends with it.
create function app.finish_tables() returns void language plpgsql set search_path = '' as $$
declare
  fresh record;
begin
  for fresh in
    select c.oid, c.oid::regclass as name from pg_catalog.pg_class c
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and not c.relrowsecurity
    order by c.relname
  loop
    execute format('revoke all on %s from public, anon, authenticated, service_role', fresh.name);
    execute format('alter table %s enable row level security', fresh.name);
    execute format('alter table %s force row level security', fresh.name);
    execute format('create policy server on %s to mixmint_server using (true) with check (true)', fresh.name);
    if exists (select from pg_catalog.pg_attribute a where a.attrelid = fresh.oid and a.attname = 'updated_at') then
      execute format('create trigger touch_updated_at before update on %s for each row execute function app.touch_updated_at()', fresh.name);
    end if;
  end loop;
  for fresh in
    select c.conrelid::regclass as name, a.attname as foreign_key from pg_catalog.pg_constraint c
    join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.contype = 'f' and c.connamespace = 'public'::regnamespace
      and not exists (select from pg_catalog.pg_index i where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1] and i.indpred is null)
    order by 1, 2
  loop
    execute format('create index on %s (%I)', fresh.name, fresh.foreign_key);
  end loop;
  revoke execute on all functions in schema app from public;
end $$;
