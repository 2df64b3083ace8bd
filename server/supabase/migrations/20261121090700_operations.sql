-- What keeps the server honest and running: the audit log, mail, jobs, idempotency, and its own secrets.
create table public.admin_audit_logs (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  actor_id uuid references public.profiles (id),
  actor_label text,
  action text not null,
  target_type text,
  target_id uuid,
  before jsonb,
  after jsonb,
  ip_address inet,
  device_id uuid references public.devices (id),
  request_id text,
  check (actor_id is not null or actor_label is not null)
);
create index admin_audit_logs_actor on public.admin_audit_logs (actor_id, created_at desc);
create index admin_audit_logs_target on public.admin_audit_logs (target_type, target_id);
create trigger append_only before update or delete on public.admin_audit_logs for each row execute function app.forbid_change();
create trigger never_emptied before truncate on public.admin_audit_logs for each statement execute function app.forbid_change();
comment on column public.admin_audit_logs.actor_label is 'Who acted where no account did: the command line of the server.';

create table public.email_outbox (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  to_email text not null,
  template text not null,
  payload jsonb not null default '{}',
  dedupe_key text unique,
  state text not null default 'queued' check (state in ('queued', 'sent', 'failed')),
  sent_at timestamptz,
  error text
);
create index email_outbox_queued on public.email_outbox (created_at) where state = 'queued';

create table public.jobs (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  name text not null unique,
  interval_seconds int not null check (interval_seconds > 0),
  run_at timestamptz not null default app.now(),
  lease_until timestamptz,
  lease_owner text,
  check ((lease_until is null) = (lease_owner is null))
);

create table public.job_runs (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  job text not null,
  started_at timestamptz not null default app.now(),
  finished_at timestamptz,
  ok boolean,
  details jsonb not null default '{}'
);
create index job_runs_newest on public.job_runs (job, started_at desc);

create table public.idempotency_keys (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid references public.profiles (id) on delete cascade,
  route text not null,
  key text not null check (length(key) between 1 and 255),
  fingerprint text not null,
  state text not null default 'in_progress' check (state in ('in_progress', 'done')),
  lease_until timestamptz,
  lease_owner text,
  status int,
  response jsonb,
  expires_at timestamptz not null,
  unique nulls not distinct (user_id, route, key)
);
create index idempotency_keys_expires on public.idempotency_keys (expires_at);
comment on column public.idempotency_keys.fingerprint is 'SHA-256 of the canonical request.';

create table app.server_secrets (
  name text primary key,
  created_at timestamptz not null default app.now(),
  value bytea not null,
  previous bytea,
  rotated_at timestamptz
);
revoke all on app.server_secrets from public, anon, authenticated, service_role;
alter table app.server_secrets enable row level security;
alter table app.server_secrets force row level security;
create policy server on app.server_secrets to mixmint_server using (true) with check (true);
grant select, insert, update on app.server_secrets to mixmint_server;
