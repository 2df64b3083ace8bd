-- What an account may use beyond what it bought: the platform membership, DJ plans with their quotas, and grants.
create table public.subscriptions (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null unique references public.profiles (id) on delete cascade,
  tier text not null default 'basic' check (tier in ('basic', 'standard', 'premium', 'ultimate')),
  "interval" text check ("interval" in ('monthly', 'annual')),
  status text not null default 'active' check (status in ('active', 'cancelled', 'past_due', 'unpaid')),
  provider text not null default 'none',
  customer_id text unique,
  subscription_id text unique,
  price_id text,
  stripe_subscription_id text generated always as (case when provider = 'stripe' then subscription_id end) stored unique,
  stripe_customer_id text generated always as (case when provider = 'stripe' then customer_id end) stored,
  stripe_price_id text generated always as (case when provider = 'stripe' then price_id end) stored,
  current_period_start timestamptz,
  current_period_end timestamptz,
  cancel_at timestamptz,
  cancelled_at timestamptz,
  deleted_at timestamptz,
  check ((tier = 'basic') = ("interval" is null))
);
create index subscriptions_status on public.subscriptions (status);

create table public.dj_subscriptions (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null references public.profiles (id),
  dj_id uuid not null references public.profiles (id),
  plan text not null check (plan in ('basic', 'pro', 'super')),
  status text not null default 'active' check (status in ('pending', 'active', 'cancelled', 'expired', 'refunded')),
  started_at timestamptz not null default app.now(),
  expires_at date not null,
  tracks_quota int not null check (tracks_quota >= 0),
  zip_quota int not null check (zip_quota >= 0),
  fan_uploads_quota int not null check (fan_uploads_quota >= 0),
  auto_renew boolean not null default true,
  payment_id uuid references public.payments (id),
  cancelled_at timestamptz,
  check (user_id <> dj_id)
);
create unique index dj_subscriptions_one_active on public.dj_subscriptions (user_id, dj_id) where status in ('active', 'cancelled');
create index dj_subscriptions_expires on public.dj_subscriptions (expires_at);
comment on column public.dj_subscriptions.expires_at is 'The first day (UTC) without access.';

create table public.subscription_usage (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  subscription_id uuid not null references public.dj_subscriptions (id),
  period_start timestamptz not null default app.now(),
  tracks_used int not null default 0 check (tracks_used >= 0),
  zips_used int not null default 0 check (zips_used >= 0),
  fan_used int not null default 0 check (fan_used >= 0),
  reset_at timestamptz not null,
  unique (subscription_id, period_start)
);

create table public.fan_upload_entitlements (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null references public.profiles (id),
  fan_upload_id uuid not null references public.fan_uploads (id),
  granted_by uuid not null references public.profiles (id),
  expires_at timestamptz,
  revoked_at timestamptz,
  unique (user_id, fan_upload_id)
);

create view public.dj_subscription_status with (security_invoker = true) as
select s.id, s.user_id, s.dj_id, s.plan, s.status, s.started_at, s.expires_at,
  u.id as usage_id, u.tracks_used, u.zips_used as zip_used, u.fan_used as fan_uploads_used,
  s.tracks_quota, s.zip_quota, s.fan_uploads_quota, u.reset_at,
  (s.status in ('active', 'cancelled') and app.today() < s.expires_at) as is_current
from public.dj_subscriptions s
join lateral (
  select x.id, x.tracks_used, x.zips_used, x.fan_used, x.reset_at from public.subscription_usage x
  where x.subscription_id = s.id order by x.period_start desc limit 1
) u on true;

-- Takes one unit of the plan's present period and returns the usage row it came from; null: nothing left, or the plan is over.
-- One conditional update, so that racing calls share exactly what is there.
create function app.take_quota(p_subscription_id uuid, p_content_type public.content_type) returns uuid
language sql volatile set search_path = '' as $$
  update public.subscription_usage u
  set tracks_used = u.tracks_used + (p_content_type = 'track')::int,
      zips_used = u.zips_used + (p_content_type = 'album')::int,
      fan_used = u.fan_used + (p_content_type = 'fan')::int
  from public.dj_subscriptions s
  where s.id = p_subscription_id
    and u.subscription_id = s.id
    and u.period_start = (select max(x.period_start) from public.subscription_usage x where x.subscription_id = s.id)
    and s.status in ('active', 'cancelled')
    and app.today() < s.expires_at
    and case p_content_type
      when 'track' then u.tracks_used < s.tracks_quota
      when 'album' then u.zips_used < s.zip_quota
      when 'fan' then u.fan_used < s.fan_uploads_quota
      else false end
  returning u.id
$$;

-- Gives a unit back to the usage row it was taken from, also when another period has begun.
create function app.return_quota(p_usage_id uuid, p_content_type public.content_type) returns void
language sql volatile set search_path = '' as $$
  update public.subscription_usage u
  set tracks_used = greatest(u.tracks_used - (p_content_type = 'track')::int, 0),
      zips_used = greatest(u.zips_used - (p_content_type = 'album')::int, 0),
      fan_used = greatest(u.fan_used - (p_content_type = 'fan')::int, 0)
  where u.id = p_usage_id
$$;

create function app.follow_tier() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.profiles
  set tier = case when new.tier = 'basic' then 'free' else 'pro' end::public.subscription_tier
  where id = new.user_id;
  return null;
end $$;
create trigger follow_tier after insert or update of tier on public.subscriptions
  for each row execute function app.follow_tier();

-- A profile never stands alone: its persona, membership and wallet come with it.
create function app.complete_profile() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.user_profiles (user_id, display_name) values (new.id, new.full_name);
  insert into public.subscriptions (user_id) values (new.id);
  insert into public.wallets (user_id) values (new.id);
  return null;
end $$;
create trigger complete_profile after insert on public.profiles for each row execute function app.complete_profile();
