-- Accounts, what they may do, who they are in public, and the devices they use.
-- Names that compare without case (e-mail, slug, username) are stored in lower case, which a check holds.
create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  email text not null check (email = lower(email)),
  full_name text,
  role public.user_role not null default 'user',
  status text not null default 'active' check (status in ('active', 'suspended', 'banned', 'deleted')),
  metadata jsonb not null default '{}',
  tier public.subscription_tier not null default 'free',
  onboarding_steps public.onboarding_step[] not null default '{}',
  deleted_at timestamptz
);
create unique index profiles_email_key on public.profiles (email) where deleted_at is null;
comment on column public.profiles.role is 'The highest grant in user_roles, kept by a trigger.';
comment on column public.profiles.tier is 'Derived from subscriptions.tier, kept by a trigger.';

create table public.user_roles (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  role public.user_role not null,
  granted_by uuid references public.profiles (id),
  unique (user_id, role)
);

create table public.user_profiles (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null unique references public.profiles (id) on delete cascade,
  username text unique check (username ~ '^[a-z0-9_.]{3,30}$'),
  display_name text,
  bio text,
  avatar_url text,
  banner_url text,
  website_url text,
  profile_visibility text not null default 'public' check (profile_visibility in ('public', 'members_only', 'private')),
  is_partner_account boolean not null default false,
  is_banned boolean not null default false,
  ban_reason text,
  banned_at timestamptz,
  banned_by uuid references public.profiles (id),
  public_profile_slug text unique check (public_profile_slug = lower(public_profile_slug)),
  social_links jsonb not null default '{}',
  profile_picture_url text generated always as (avatar_url) stored,
  onboarding_completed boolean not null default false
);
create index user_profiles_visibility on public.user_profiles (profile_visibility);

create table public.dj_profiles (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null unique references public.profiles (id) on delete cascade,
  dj_name text not null check (btrim(dj_name) <> ''),
  slug text not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  bio text,
  portrait_url text,
  status text not null default 'pending' check (status in ('pending', 'approved', 'rejected', 'suspended')),
  reviewed_by uuid references public.profiles (id),
  reviewed_at timestamptz,
  rejection_reason text,
  storage_quota_bytes bigint not null default 53687091200,
  storage_used_bytes bigint not null default 0 check (storage_used_bytes >= 0)
);
create index dj_profiles_status on public.dj_profiles (status);
comment on column public.dj_profiles.portrait_url is 'Media reference, "portrait/<sha256>".';

create table public.devices (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  jkt text not null unique check (jkt ~ '^[A-Za-z0-9_-]{43}$'),
  public_key jsonb not null,
  fingerprint text not null generated always as (jkt) stored,
  kind text not null default 'persistent' check (kind in ('persistent', 'session')),
  session_id uuid,
  name text not null check (btrim(name) <> ''),
  platform text not null,
  last_ip inet,
  last_seen_at timestamptz,
  revoked_at timestamptz,
  check (kind <> 'session' or session_id is not null),
  unique (user_id, fingerprint)
);
create index devices_session on public.devices (session_id);
comment on column public.devices.jkt is 'RFC 7638 thumbprint of the ES256 key; one key belongs to one account and installation.';
comment on column public.devices.session_id is 'The sign-in session that used the device last. A session device ends with it.';

create table public.admin_users (
  id uuid primary key references public.profiles (id) on delete restrict,
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  email text not null unique check (email = lower(email)),
  password_hash text not null,
  role text not null check (role in ('engineer', 'admin', 'super_admin')),
  is_active boolean not null default true,
  failed_attempts int not null default 0,
  locked_until timestamptz
);
comment on column public.admin_users.password_hash is 'The step-up passphrase; never enough by itself.';

create table public.admin_sessions (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  admin_user_id uuid not null references public.admin_users (id),
  device_id uuid not null references public.devices (id),
  ip_address inet not null,
  expires_at timestamptz not null,
  ended_at timestamptz
);

-- An account has its profile in the transaction that makes it, and the same e-mail address ever after.
create function app.create_profile() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id, email, full_name)
  values (new.id, lower(new.email), nullif(btrim(new.raw_user_meta_data ->> 'full_name'), ''));
  return new;
end $$;
create trigger mixmint_create_profile after insert on auth.users for each row execute function app.create_profile();

create function app.follow_email() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.profiles set email = lower(new.email) where id = new.id;
  return new;
end $$;
create trigger mixmint_follow_email after update of email on auth.users
  for each row when (old.email is distinct from new.email) execute function app.follow_email();

create function app.follow_roles() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  person uuid := case tg_op when 'DELETE' then old.user_id else new.user_id end;
begin
  update public.profiles p
  set role = coalesce((select r.role from public.user_roles r where r.user_id = person order by r.role desc limit 1), 'user')
  where p.id = person;
  return null;
end $$;
create trigger follow_roles after insert or update or delete on public.user_roles
  for each row execute function app.follow_roles();

create function app.follow_ban() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.profiles set status = case when new.is_banned then 'banned' else 'active' end
  where id = new.user_id and status in ('active', 'banned');
  return null;
end $$;
create trigger follow_ban after update of is_banned on public.user_profiles
  for each row when (old.is_banned is distinct from new.is_banned) execute function app.follow_ban();
