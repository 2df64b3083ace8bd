-- Loaded after the migrations, in local mode alone: a clock that the server may set for one transaction, and the right to act as the
-- local sign-in. Production never loads it, and refuses to start on a database whose clock can be set.
create or replace function app.now() returns timestamptz language plpgsql stable set search_path = '' as
  $$ begin return coalesce(nullif(current_setting('mixmint.now', true), '')::timestamptz, clock_timestamp()); end $$;
comment on function app.now() is 'clock that can be set';
grant execute on function app.now() to supabase_auth_admin;
grant usage on schema app to supabase_auth_admin;
grant supabase_auth_admin to mixmint_api;
