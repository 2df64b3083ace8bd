-- What is for sale, and the immutable objects that hold its bytes.
-- file_key is the private storage key: no role of a client may read it. cover_url, preview_key and peaks_key are public media
-- references, "<kind>/<sha256>".
create table public.genres (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  name text not null,
  slug text not null unique,
  parent_genre_id uuid references public.genres (id) check (parent_genre_id <> id),
  is_active boolean not null default true
);

create table public.tags (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  name text not null,
  slug text not null unique,
  usage_count int not null default 0 check (usage_count >= 0),
  trending_score numeric(10, 2) not null default 0
);
create index tags_usage on public.tags (usage_count desc);

create table public.objects (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  sha256 text not null unique check (sha256 ~ '^[0-9a-f]{64}$'),
  key text not null unique,
  size_bytes bigint not null check (size_bytes >= 0),
  mime_type text not null,
  segment_size int not null default 4194304 check (segment_size > 0),
  segment_sha256 text[] not null default '{}',
  segment_root text check (segment_root ~ '^[0-9a-f]{64}$'),
  audio_sha256 text check (audio_sha256 ~ '^[0-9a-f]{64}$'),
  entries jsonb check (jsonb_typeof(entries) = 'array'),
  is_public boolean not null default false,
  check (segment_root is null or cardinality(segment_sha256) = (size_bytes + segment_size - 1) / segment_size)
);
create index objects_audio on public.objects (audio_sha256);
comment on column public.objects.segment_sha256 is 'SHA-256 (hex) of each segment_size bytes, in order.';
comment on column public.objects.segment_root is 'SHA-256 of the concatenated raw segment hashes.';
comment on column public.objects.entries is 'For a pack: the files inside the zip in order, each with its place and hashes.';
comment on column public.objects.is_public is 'Covers, portraits, previews and peaks; everything else needs a download token.';

create table public.content_files (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  content_type public.content_type not null,
  content_id uuid not null,
  format text not null check (format in ('mp3', 'flac', 'wav', 'aiff', 'zip')),
  object_sha256 text not null references public.objects (sha256),
  file_name text not null,
  is_master boolean not null default true,
  unique (content_type, content_id, format)
);
create unique index content_files_one_master on public.content_files (content_type, content_id) where is_master;

create table public.tracks (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  dj_id uuid not null references public.profiles (id),
  title text not null check (btrim(title) <> ''),
  artist_name text,
  description text,
  price_minor bigint not null,
  currency char(3) not null default 'INR' check (currency = 'INR'),
  file_key text,
  preview_key text,
  peaks_key text,
  cover_url text,
  attempt_limit int not null default 5 check (attempt_limit >= 1),
  is_fan_only boolean not null default false,
  bpm numeric(5, 2) check (bpm between 20 and 400),
  musical_key text check (musical_key ~ '^(1[0-2]|[1-9])[AB]$'),
  genre_id uuid references public.genres (id),
  tags text[] not null default '{}',
  duration_seconds int check (duration_seconds > 0),
  audio_format text check (audio_format in ('mp3', 'flac', 'wav', 'aiff')),
  file_size_bytes bigint check (file_size_bytes > 0),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  mime_type text,
  status text not null default 'draft' check (status in ('draft', 'published', 'archived')),
  published_at timestamptz,
  expected_at timestamptz,
  is_ready boolean not null generated always as (file_key is not null) stored,
  search_text text not null default '',
  constraint tracks_min_price check (price_minor >= 2900),
  constraint tracks_published_has_file check (status = 'draft' or file_key is not null or expected_at is not null)
);
create index tracks_published on public.tracks (status, published_at desc);
create index tracks_tags on public.tracks using gin (tags);
create index tracks_search on public.tracks using gin (search_text extensions.gin_trgm_ops);
comment on column public.tracks.expected_at is 'When a file that is still being made should be there; the track is shown meanwhile.';

create table public.album_packs (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  dj_id uuid not null references public.profiles (id),
  title text not null check (btrim(title) <> ''),
  artist_name text,
  description text,
  price_minor bigint not null,
  currency char(3) not null default 'INR' check (currency = 'INR'),
  zip_mode text not null default 'system' check (zip_mode in ('system', 'direct')),
  zip_state text not null default 'none' check (zip_state in ('none', 'building', 'ready', 'failed')),
  file_key text,
  preview_key text,
  cover_url text,
  attempt_limit int not null default 5 check (attempt_limit >= 1),
  is_fan_only boolean not null default false,
  bpm numeric(5, 2) check (bpm between 20 and 400),
  musical_key text check (musical_key ~ '^(1[0-2]|[1-9])[AB]$'),
  genre_id uuid references public.genres (id),
  duration_seconds int check (duration_seconds > 0),
  file_size_bytes bigint check (file_size_bytes > 0),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  mime_type text,
  status text not null default 'draft' check (status in ('draft', 'published', 'archived')),
  published_at timestamptz,
  expected_at timestamptz,
  is_ready boolean not null generated always as (file_key is not null) stored,
  search_text text not null default '',
  constraint album_packs_min_price check (price_minor >= 7900),
  constraint album_packs_published_has_file check (status = 'draft' or file_key is not null or expected_at is not null)
);
create index album_packs_published on public.album_packs (status, published_at desc);
create index album_packs_search on public.album_packs using gin (search_text extensions.gin_trgm_ops);

create table public.album_pack_tracks (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  album_pack_id uuid not null references public.album_packs (id) on delete cascade,
  track_id uuid not null references public.tracks (id),
  position int not null check (position >= 0),
  unique (album_pack_id, track_id),
  unique (album_pack_id, position) deferrable
);

create table public.fan_uploads (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  dj_id uuid not null references public.profiles (id),
  title text not null check (btrim(title) <> ''),
  artist_name text,
  description text,
  price_minor bigint not null default 0 check (price_minor >= 0),
  currency char(3) not null default 'INR' check (currency = 'INR'),
  file_key text,
  preview_key text,
  peaks_key text,
  cover_url text,
  attempt_limit int not null default 5 check (attempt_limit >= 1),
  bpm numeric(5, 2) check (bpm between 20 and 400),
  musical_key text check (musical_key ~ '^(1[0-2]|[1-9])[AB]$'),
  duration_seconds int check (duration_seconds > 0),
  audio_format text check (audio_format in ('mp3', 'flac', 'wav', 'aiff')),
  file_size_bytes bigint check (file_size_bytes > 0),
  sha256 text check (sha256 ~ '^[0-9a-f]{64}$'),
  mime_type text,
  status text not null default 'draft' check (status in ('draft', 'published', 'archived')),
  published_at timestamptz,
  expected_at timestamptz,
  is_ready boolean not null generated always as (file_key is not null) stored,
  constraint fan_uploads_published_has_file check (status = 'draft' or file_key is not null or expected_at is not null)
);

create table public.dj_plans (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  dj_id uuid not null references public.profiles (id),
  plan text not null check (plan in ('basic', 'pro', 'super')),
  price_minor bigint not null check (price_minor > 0),
  currency char(3) not null default 'INR' check (currency = 'INR'),
  period_days int not null default 30 check (period_days > 0),
  tracks_quota int not null check (tracks_quota >= 0),
  zip_quota int not null check (zip_quota >= 0),
  fan_uploads_quota int not null check (fan_uploads_quota >= 0),
  is_active boolean not null default true,
  unique (dj_id, plan)
);

-- search_text holds what a search may hit: title, artist, DJ, and the other side of album_pack_tracks. Setting a title, also to what it
-- was, makes it anew; that is how the other tables' changes arrive.
create function app.set_track_search_text() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.search_text := app.search_form(concat_ws(' ', new.title, new.artist_name,
    (select d.dj_name from public.dj_profiles d where d.user_id = new.dj_id),
    (select string_agg(a.title, ' ' order by a.title) from public.album_packs a
      join public.album_pack_tracks t on t.album_pack_id = a.id where t.track_id = new.id)));
  return new;
end $$;
create trigger set_search_text before insert or update of title, artist_name, dj_id on public.tracks
  for each row execute function app.set_track_search_text();

create function app.set_pack_search_text() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  new.search_text := app.search_form(concat_ws(' ', new.title, new.artist_name,
    (select d.dj_name from public.dj_profiles d where d.user_id = new.dj_id),
    (select string_agg(concat_ws(' ', t.title, t.artist_name), ' ' order by i.position) from public.tracks t
      join public.album_pack_tracks i on i.track_id = t.id where i.album_pack_id = new.id)));
  return new;
end $$;
create trigger set_search_text before insert or update of title, artist_name, dj_id on public.album_packs
  for each row execute function app.set_pack_search_text();

create function app.follow_dj_name() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.tracks set title = title where dj_id = new.user_id;
  update public.album_packs set title = title where dj_id = new.user_id;
  return null;
end $$;
create trigger follow_dj_name after insert or update of dj_name on public.dj_profiles
  for each row execute function app.follow_dj_name();

create function app.follow_pack_tracks() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.tracks set title = title where id in (old.track_id, new.track_id);
  update public.album_packs set title = title where id in (old.album_pack_id, new.album_pack_id);
  return null;
end $$;
create trigger follow_pack_tracks after insert or update or delete on public.album_pack_tracks
  for each row execute function app.follow_pack_tracks();

create function app.follow_pack_title() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.tracks set title = title
  where id in (select t.track_id from public.album_pack_tracks t where t.album_pack_id = new.id);
  return null;
end $$;
create trigger follow_pack_title after update of title on public.album_packs
  for each row when (old.title is distinct from new.title) execute function app.follow_pack_title();

create function app.follow_track_title() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  update public.album_packs set title = title
  where id in (select t.album_pack_id from public.album_pack_tracks t where t.track_id = new.id);
  return null;
end $$;
create trigger follow_track_title after update of title, artist_name on public.tracks
  for each row when ((old.title, old.artist_name) is distinct from (new.title, new.artist_name))
  execute function app.follow_track_title();
