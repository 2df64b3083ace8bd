-- Download attempts and their single-use tokens, and what guards them. docs/protocol.md describes the protocol.
create table public.download_attempts (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null references public.profiles (id),
  device_id uuid not null references public.devices (id),
  content_type public.content_type not null check (content_type in ('track', 'album', 'fan')),
  content_id uuid not null,
  object_sha256 text not null references public.objects (sha256),
  size_bytes bigint not null check (size_bytes >= 0),
  state text not null default 'reserved'
    check (state in ('reserved', 'active', 'delivered', 'released', 'expired_charged', 'revoked')),
  access_source text not null check (access_source in ('purchase', 'fan_entitlement', 'subscription')),
  access_id uuid not null,
  subscription_usage_id uuid references public.subscription_usage (id),
  is_repair boolean not null default false,
  closes_at timestamptz not null,
  first_byte_at timestamptz,
  settled_at timestamptz,
  settle_reason text,
  bytes_served bigint not null default 0 check (bytes_served >= 0),
  bytes_reserved bigint not null default 0 check (bytes_reserved >= 0),
  byte_budget bigint not null check (byte_budget >= 0),
  networks_v4 cidr[] not null default '{}' check (cardinality(networks_v4) <= 4),
  networks_v6 cidr[] not null default '{}' check (cardinality(networks_v6) <= 4),
  rebinds int not null default 0 check (rebinds >= 0),
  reset_at timestamptz,
  check (subscription_usage_id is null or access_source = 'subscription'),
  check ((state in ('reserved', 'active')) = (settled_at is null))
);
create unique index download_attempts_one_open on public.download_attempts (user_id, content_type, content_id, device_id)
  where state in ('reserved', 'active');
create index download_attempts_closing on public.download_attempts (closes_at) where state in ('reserved', 'active');
create index download_attempts_settled on public.download_attempts (user_id, settled_at desc);
comment on column public.download_attempts.access_id is 'The purchase, grant or DJ subscription that gave access.';
comment on column public.download_attempts.subscription_usage_id is 'The usage row this attempt charged; a refund goes there or nowhere.';
comment on column public.download_attempts.bytes_reserved is 'What the open streams may still send; part of the budget until it is sent or given back.';
comment on column public.download_attempts.networks_v4 is 'Networks that may redeem, oldest first; the first redeem adds the first.';
comment on column public.download_attempts.reset_at is 'Set by a reset: the attempt no longer counts against attempt_limit.';

create table public.download_tokens (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  token_hash text not null unique check (token_hash ~ '^[0-9a-f]{64}$'),
  attempt_id uuid not null references public.download_attempts (id),
  user_id uuid not null references public.profiles (id),
  device_id uuid not null references public.devices (id),
  content_type public.content_type not null check (content_type in ('track', 'album', 'fan')),
  content_id uuid not null,
  range_start bigint not null check (range_start >= 0),
  range_end bigint not null,
  is_repair boolean not null default false,
  expires_at timestamptz not null,
  ip_address inet not null,
  used_at timestamptz,
  is_used boolean not null generated always as (used_at is not null) stored,
  used_ip inet,
  bytes_reserved bigint not null default 0 check (bytes_reserved >= 0),
  bytes_sent bigint not null default 0 check (bytes_sent >= 0),
  closed_at timestamptz,
  outcome text check (outcome in ('complete', 'client_gone', 'upstream_error', 'revoked', 'lost')),
  revoked_at timestamptz,
  check (range_end >= range_start),
  constraint download_tokens_min_life check (expires_at >= created_at + interval '2 minutes'),
  constraint download_tokens_max_life check (expires_at <= created_at + interval '5 minutes')
);
create index download_tokens_newest on public.download_tokens (user_id, created_at desc);
create index download_tokens_expires on public.download_tokens (expires_at);
create index download_tokens_streaming on public.download_tokens (used_at) where used_at is not null and closed_at is null;
comment on column public.download_tokens.token_hash is 'SHA-256 (hex) of the token; the token itself is nowhere.';
comment on column public.download_tokens.ip_address is 'The address that asked for the token.';

create table public.dpop_jti (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  jkt text not null,
  jti_hash text not null check (jti_hash ~ '^[0-9a-f]{64}$'),
  expires_at timestamptz not null,
  unique (jkt, jti_hash)
);
create index dpop_jti_expires on public.dpop_jti (expires_at);

create table public.download_logs (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid references public.profiles (id),
  token_id uuid references public.download_tokens (id),
  attempt_id uuid references public.download_attempts (id),
  event text not null check (event in
    ('init', 'issued', 'used', 'refused', 'resume', 'rebind', 'completed', 'interrupted', 'cancelled', 'settled', 'reset')),
  reason text,
  ip_address inet,
  device_id uuid references public.devices (id),
  range_from bigint,
  bytes bigint
);
create index download_logs_user on public.download_logs (user_id, created_at desc);
create index download_logs_event on public.download_logs (event, created_at desc);
create trigger append_only before update or delete on public.download_logs for each row execute function app.forbid_change();
create trigger never_emptied before truncate on public.download_logs for each statement execute function app.forbid_change();

create table public.rate_limits (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  bucket text not null,
  window_start timestamptz not null,
  hits int not null default 1 check (hits >= 0),
  unique (bucket, window_start)
);
create index rate_limits_window on public.rate_limits (window_start);

create table public.abuse_flags (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid references public.profiles (id),
  device_id uuid references public.devices (id),
  kind text not null check (kind in
    ('token_replay', 'ip_mismatch', 'ip_alternation', 'device_mismatch', 'many_ips', 'many_failures', 'rate_limit', 'file_leak', 'manual')),
  severity text not null default 'low' check (severity in ('low', 'medium', 'high')),
  details jsonb not null default '{}',
  ip_address inet,
  state text not null default 'open' check (state in ('open', 'reviewed', 'dismissed', 'actioned')),
  resolved_by uuid references public.profiles (id),
  resolved_at timestamptz
);
create index abuse_flags_state on public.abuse_flags (state, created_at desc);

-- The network an address counts as: one IPv4 address (also when written as IPv6), or the /64 of an IPv6 address.
create function app.network_of(address inet) returns cidr language sql immutable set search_path = '' as $$
  select case
    when family(address) = 4 then set_masklen(host(address)::inet, 32)::cidr
    when address <<= '::ffff:0:0/96'::inet
      then ('0.0.0.0'::inet + (host(address)::inet - '::ffff:0:0'::inet))::cidr
    else network(set_masklen(host(address)::inet, 64))
  end
$$;

-- Uses a token for one GET of `p_start` to `p_end` (inclusive) and reserves those bytes, or says why not and uses nothing.
-- `code` is 'ok' or an error code. Locks: attempt, then token, the order of everything that touches both.
-- The locks let foreign keys be checked, so that a log line about the attempt or the token waits for nobody and nobody for it.
create function app.redeem_token(
  p_token_hash text, p_user_id uuid, p_device_id uuid, p_address inet, p_start bigint, p_end bigint)
returns table (
  code text, token_id uuid, attempt_id uuid, user_id uuid, content_type public.content_type, content_id uuid, object_sha256 text,
  object_key text, size_bytes bigint, mime_type text)
language plpgsql volatile set search_path = '' as $$
declare
  token public.download_tokens;
  attempt public.download_attempts;
  home cidr := app.network_of(p_address);
  known cidr[];
  wanted bigint := p_end - p_start + 1;
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
  content_type := token.content_type;
  content_id := token.content_id;
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
  set used_at = app.now(), used_ip = p_address, bytes_reserved = wanted
  where t.id = token.id and t.used_at is null;
  if not found then
    code := 'token-used';
    return next;
    return;
  end if;
  update public.download_attempts a
  set state = case when a.state = 'reserved' then 'active' else a.state end,
      first_byte_at = coalesce(a.first_byte_at, app.now()),
      bytes_reserved = a.bytes_reserved + wanted,
      networks_v4 = case when family(home) = 4 and cardinality(known) = 0 then array[home] else a.networks_v4 end,
      networks_v6 = case when family(home) = 6 and cardinality(known) = 0 then array[home] else a.networks_v6 end
  where a.id = attempt.id;
  select o.sha256, o.key, o.size_bytes, o.mime_type
  into object_sha256, object_key, size_bytes, mime_type
  from public.objects o where o.sha256 = attempt.object_sha256;
  return next;
end $$;

-- True when what gave access was taken back. The end of a plan or a quota is no withdrawal: an open attempt may finish.
create function app.access_is_withdrawn(attempt public.download_attempts) returns boolean
language sql stable set search_path = '' as $$
  select case attempt.access_source
    when 'purchase' then not exists (select from public.purchases p where p.id = attempt.access_id and p.revoked_at is null)
    when 'fan_entitlement' then not exists (
      select from public.fan_upload_entitlements e where e.id = attempt.access_id and e.revoked_at is null)
    else not exists (
      select from public.dj_subscriptions s where s.id = attempt.access_id and s.status in ('active', 'cancelled', 'expired')) end
$$;

-- Moves `p_bytes` of a token from reserved to served, before they are written to the socket. False: stop sending.
create function app.count_served(p_token_id uuid, p_bytes bigint) returns boolean
language plpgsql volatile set search_path = '' as $$
declare
  attempt public.download_attempts;
  token public.download_tokens;
begin
  select a.* into attempt from public.download_attempts a
  join public.download_tokens t on t.attempt_id = a.id where t.id = p_token_id for no key update of a;
  select t.* into token from public.download_tokens t where t.id = p_token_id for no key update;
  if token.closed_at is not null or token.bytes_reserved < p_bytes
    or attempt.state not in ('active', 'delivered') or (attempt.state = 'delivered' and not token.is_repair) then
    return false;
  end if;
  update public.download_tokens t
  set bytes_reserved = t.bytes_reserved - p_bytes, bytes_sent = t.bytes_sent + p_bytes where t.id = p_token_id;
  update public.download_attempts a
  set bytes_reserved = a.bytes_reserved - p_bytes, bytes_served = a.bytes_served + p_bytes where a.id = attempt.id;
  return true;
end $$;

-- Ends a used token and gives back what it did not send. Doing it again changes nothing.
create function app.close_token(p_token_id uuid, p_outcome text) returns void
language plpgsql volatile set search_path = '' as $$
declare
  rest bigint;
begin
  perform from public.download_attempts a
  join public.download_tokens t on t.attempt_id = a.id where t.id = p_token_id for no key update of a;
  select t.bytes_reserved into rest from public.download_tokens t
  where t.id = p_token_id and t.used_at is not null and t.closed_at is null for no key update;
  if not found then
    return;
  end if;
  update public.download_tokens t set bytes_reserved = 0, closed_at = app.now(), outcome = p_outcome where t.id = p_token_id;
  update public.download_attempts a set bytes_reserved = a.bytes_reserved - rest
  from public.download_tokens t where t.id = p_token_id and a.id = t.attempt_id;
end $$;
