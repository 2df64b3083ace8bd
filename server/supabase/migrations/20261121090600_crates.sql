-- What a crate is. Where its files lie is known to each computer alone.
create table public.crates (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  name text not null check (btrim(name) <> ''),
  rules jsonb,
  sort_order int not null default 0,
  revision bigint not null default 1,
  unique (user_id, name)
);
comment on column public.crates.revision is 'Grows with every change of the crate or of its items, by triggers alone.';

create table public.crate_items (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  crate_id uuid not null references public.crates (id) on delete cascade,
  content_type public.content_type not null,
  content_id uuid not null,
  position int not null check (position >= 0),
  unique (crate_id, content_type, content_id)
);
create index crate_items_order on public.crate_items (crate_id, position);

create function app.grow_revision() returns trigger language plpgsql set search_path = '' as $$
begin
  new.revision := old.revision + 1;
  return new;
end $$;
create trigger grow_revision before update on public.crates for each row execute function app.grow_revision();

create function app.follow_crate_items() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.crates set name = name where id in (select c.crate_id from changed c);
  return null;
end $$;
create trigger follow_inserted_items after insert on public.crate_items
  referencing new table as changed for each statement execute function app.follow_crate_items();
create trigger follow_updated_items after update on public.crate_items
  referencing new table as changed for each statement execute function app.follow_crate_items();
create trigger follow_deleted_items after delete on public.crate_items
  referencing old table as changed for each statement execute function app.follow_crate_items();
