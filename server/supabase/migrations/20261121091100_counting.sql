-- The first bytes of a stream are counted by the statement that uses its token, and what was counted and not sent comes back at its end.
drop function app.redeem_token(text, uuid, uuid, inet, bigint, bigint);
drop function app.close_token(uuid, text);

-- Uses a token for one GET of `p_start` to `p_end` (inclusive), reserves those bytes and counts the first `p_count` of them as served, or
-- says why not and uses nothing. `code` is 'ok' or an error code. Locks: attempt, then token, the order of everything that touches both.
-- The locks let foreign keys be checked, so that a log line about the attempt or the token waits for nobody and nobody for it.
create function app.redeem_token(
  p_token_hash text, p_user_id uuid, p_device_id uuid, p_address inet, p_start bigint, p_end bigint, p_count bigint default 0)
returns table (code text, token_id uuid, attempt_id uuid, user_id uuid)
language plpgsql volatile set search_path = '' as $$
declare
  token public.download_tokens;
  attempt public.download_attempts;
  home cidr := app.network_of(p_address);
  known cidr[];
  wanted bigint := p_end - p_start + 1;
  counted bigint := least(p_count, wanted);
begin
  select t.attempt_id into token.attempt_id from public.download_tokens t where t.token_hash = p_token_hash;
  if not found then
    code := 'token-unknown';
    return next;
    return;
  end if;
  select * into attempt from public.download_attempts a where a.id = token.attempt_id for no key update;
  select * into token from public.download_tokens t where t.token_hash = p_token_hash for no key update;
  known := case family(home) when 4 then attempt.networks_v4 else attempt.networks_v6 end;
  token_id := token.id;
  attempt_id := attempt.id;
  user_id := token.user_id;
  code := case
    when token.used_at is not null then 'token-used'
    when token.expires_at <= app.now() then 'token-expired'
    when token.user_id is distinct from p_user_id or token.device_id is distinct from p_device_id then 'token-wrong-device'
    when exists (select from public.devices d where d.id = token.device_id and d.revoked_at is not null) then 'device-revoked'
    when exists (select from public.profiles p where p.id = token.user_id and p.status <> 'active') then 'account-suspended'
    when attempt.state = 'revoked' or app.access_is_withdrawn(attempt) then 'content-revoked'
    when token.revoked_at is not null then 'attempt-closed'
    when token.is_repair and attempt.state not in ('reserved', 'active', 'delivered') then 'attempt-closed'
    when not token.is_repair and (attempt.state not in ('reserved', 'active') or attempt.closes_at <= app.now()) then 'attempt-closed'
    when wanted is null or wanted < 1 or p_start < token.range_start or p_end > token.range_end then 'range-not-granted'
    when cardinality(known) > 0 and home <> all (known) then 'ip-locked'
    when attempt.bytes_served + attempt.bytes_reserved + wanted > attempt.byte_budget then 'byte-budget'
    else 'ok' end;
  if code <> 'ok' then
    return next;
    return;
  end if;
  update public.download_tokens t
  set used_at = app.now(), used_ip = p_address, bytes_reserved = wanted - counted, bytes_sent = counted
  where t.id = token.id and t.used_at is null;
  if not found then
    code := 'token-used';
    return next;
    return;
  end if;
  update public.download_attempts a
  set state = case when a.state = 'reserved' then 'active' else a.state end,
      first_byte_at = coalesce(a.first_byte_at, app.now()),
      bytes_reserved = a.bytes_reserved + wanted - counted,
      bytes_served = a.bytes_served + counted,
      networks_v4 = case when family(home) = 4 and cardinality(known) = 0 then array[home] else a.networks_v4 end,
      networks_v6 = case when family(home) = 6 and cardinality(known) = 0 then array[home] else a.networks_v6 end
  where a.id = attempt.id;
  return next;
end $$;

-- Ends a used token: gives back what it had reserved, and `p_unsent` bytes that were counted and never sent. Doing it again changes nothing,
-- and neither does doing it after the attempt was closed: its counter stands still from then on.
create function app.close_token(p_token_id uuid, p_outcome text, p_unsent bigint default 0) returns void
language plpgsql volatile set search_path = '' as $$
declare
  token public.download_tokens;
  unsent bigint;
begin
  perform from public.download_attempts a
  join public.download_tokens t on t.attempt_id = a.id where t.id = p_token_id for no key update of a;
  select t.* into token from public.download_tokens t
  where t.id = p_token_id and t.used_at is not null and t.closed_at is null for no key update;
  if not found then
    return;
  end if;
  unsent := greatest(0, least(p_unsent, token.bytes_sent));
  update public.download_tokens t
  set bytes_reserved = 0, bytes_sent = t.bytes_sent - unsent, closed_at = app.now(), outcome = p_outcome where t.id = p_token_id;
  update public.download_attempts a
  set bytes_reserved = a.bytes_reserved - token.bytes_reserved, bytes_served = a.bytes_served - unsent where a.id = token.attempt_id;
end $$;

revoke execute on function
  app.redeem_token(text, uuid, uuid, inet, bigint, bigint, bigint), app.close_token(uuid, text, bigint) from public;
grant execute on function
  app.redeem_token(text, uuid, uuid, inet, bigint, bigint, bigint), app.close_token(uuid, text, bigint) to mixmint_server;
