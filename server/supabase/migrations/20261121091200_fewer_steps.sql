-- The functions that nearly every statement of a download calls, in a language that keeps its plans: a function in SQL with a search path of
-- its own is parsed and planned again by every statement that names it.
create or replace function app.now() returns timestamptz language plpgsql stable set search_path = '' as
  $$ begin return clock_timestamp(); end $$;

create or replace function app.today() returns date language plpgsql stable set search_path = '' as
  $$ begin return (app.now() at time zone 'UTC')::date; end $$;

create or replace function app.network_of(address inet) returns cidr language plpgsql immutable set search_path = '' as $$
begin
  return case
    when family(address) = 4 then set_masklen(host(address)::inet, 32)::cidr
    when address <<= '::ffff:0:0/96'::inet
      then ('0.0.0.0'::inet + (host(address)::inet - '::ffff:0:0'::inet))::cidr
    else network(set_masklen(host(address)::inet, 64))
  end;
end $$;

create or replace function app.access_is_withdrawn(attempt public.download_attempts) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  if attempt.access_source = 'purchase' then
    return not exists (select from public.purchases p where p.id = attempt.access_id and p.revoked_at is null);
  elsif attempt.access_source = 'fan_entitlement' then
    return not exists (select from public.fan_upload_entitlements e where e.id = attempt.access_id and e.revoked_at is null);
  end if;
  return not exists (
    select from public.dj_subscriptions s where s.id = attempt.access_id and s.status in ('active', 'cancelled', 'expired'));
end $$;

create or replace function app.session_begun_at(p_session_id uuid, p_user_id uuid) returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select s.created_at from auth.sessions s
    where s.id = p_session_id and s.user_id = p_user_id and (s.not_after is null or s.not_after > app.now()));
end $$;

-- Counts the network of a request, records its proof and finds who makes it, all at once. `p_buckets` are what to count: the first is the
-- network's (null: none), the others count only when the caller is an active account on a device of its own, and then all of them or none.
-- `full_bucket` is the place of the one that was full, 0 when none was. A device in steady use is noted once in `p_note_every`.
create function app.admit(
  p_user_id uuid, p_session_id uuid, p_jkt text, p_jti_hash text, p_proof_ends_at timestamptz, p_address inet, p_note_every interval,
  p_buckets text[], p_windows timestamptz[], p_counts int[], p_most int[])
returns table (
  is_new boolean, full_bucket int, is_known boolean, status text, session_begun_at timestamptz, is_sessions_device_revoked boolean,
  device_id uuid, device_user_id uuid, device_kind text, device_session_id uuid, device_revoked_at timestamptz)
language plpgsql volatile set search_path = '' as $$
declare
  seen_at timestamptz;
begin
  full_bucket := 0;
  if p_buckets[1] is not null then
    insert into public.rate_limits as r (bucket, window_start, hits) values (p_buckets[1], p_windows[1], p_counts[1])
    on conflict (bucket, window_start) do update set hits = r.hits + p_counts[1] where r.hits + p_counts[1] <= p_most[1];
    if not found then full_bucket := 1; end if;
  end if;

  insert into public.dpop_jti (jkt, jti_hash, expires_at) values (p_jkt, p_jti_hash, p_proof_ends_at)
  on conflict (jkt, jti_hash) do nothing;
  is_new := found;

  select p.status, app.session_begun_at(p_session_id, p.id),
    exists (select from public.devices r where r.user_id = p.id and r.session_id = p_session_id and r.revoked_at is not null)
  into status, session_begun_at, is_sessions_device_revoked
  from public.profiles p where p.id = p_user_id;
  is_known := found;
  select d.id, d.user_id, d.kind, d.session_id, d.revoked_at, d.last_seen_at
  into device_id, device_user_id, device_kind, device_session_id, device_revoked_at, seen_at
  from public.devices d where d.jkt = p_jkt;

  if full_bucket = 0 and is_new and is_known and status = 'active' and session_begun_at is not null and not is_sessions_device_revoked
    and device_user_id = p_user_id and device_revoked_at is null
    and (device_kind = 'persistent' or device_session_id is not distinct from p_session_id)
  then
    if device_session_id is distinct from p_session_id or seen_at is null or app.now() - seen_at >= p_note_every then
      update public.devices d set session_id = p_session_id, last_ip = p_address, last_seen_at = app.now()
      where d.id = device_id and d.revoked_at is null;
    end if;
    for place in 2..cardinality(p_buckets) loop
      insert into public.rate_limits as r (bucket, window_start, hits) values (p_buckets[place], p_windows[place], p_counts[place])
      on conflict (bucket, window_start) do update set hits = r.hits + p_counts[place] where r.hits + p_counts[place] <= p_most[place];
      if not found then
        full_bucket := place;
        for earlier in 2..place - 1 loop
          update public.rate_limits r set hits = r.hits - p_counts[earlier]
          where r.bucket = p_buckets[earlier] and r.window_start = p_windows[earlier];
        end loop;
        exit;
      end if;
    end loop;
  end if;
  return next;
end $$;

revoke execute on function
  app.admit(uuid, uuid, text, text, timestamptz, inet, interval, text[], timestamptz[], int[], int[]) from public;
grant execute on function
  app.admit(uuid, uuid, text, text, timestamptz, inet, interval, text[], timestamptz[], int[], int[]) to mixmint_server;
