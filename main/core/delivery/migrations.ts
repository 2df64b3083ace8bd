import type { LocalMigration } from '../local-db/local-migration.ts'

export const deliveryMigrations: readonly LocalMigration[] = [
  {
    name: 'delivery-1-queue',
    sql: `
      create table downloads (
        id text primary key,
        content_type text not null,
        content_id text not null,
        title text not null,
        artist text not null,
        cover text,
        status text not null,
        run integer not null,
        failures integer not null,
        reason_code text,
        reason_message text,
        retry_at integer,
        position real not null,
        added_at integer not null,
        finished_at integer,
        received_bytes integer not null default 0,
        total_bytes integer,
        segments text not null default '',
        attempts_left integer,
        -- What the next run needs: the attempt to go on with, the object it is about, and where its bytes lie.
        attempt_id text,
        object_sha256 text,
        contents text,
        staging text,
        unique (content_type, content_id)
      ) strict;

      create index downloads_position on downloads (position, status);
      create index downloads_status on downloads (status, position);

      -- The segments of each unfinished file that are on disk and had their hash.
      create table download_segments (
        download_id text not null references downloads (id) on delete cascade,
        segment integer not null,
        primary key (download_id, segment)
      ) strict, without rowid;

      -- What the server has not heard yet of attempts that ended here.
      create table attempt_reports (
        attempt_id text primary key,
        kind text not null check (kind in ('complete', 'cancel')),
        segment_root text
      ) strict;

      create table queue_state (name text primary key, value integer not null) strict;
    `,
  },
  {
    name: 'delivery-2-states-that-tell-the-truth',
    sql: `
      alter table downloads add column drive_name text;
      alter table downloads add column missing_bytes integer;
      alter table downloads add column bytes_per_second_limit integer;
      alter table downloads add column format text;

      update downloads set status = 'stalled' where status = 'waiting';
      update downloads set retry_at = null where status <> 'stalled';

      drop index downloads_position;
      drop index downloads_status;
      create index downloads_last on downloads (position);
      create index downloads_state on downloads (status, position, added_at);
      create index downloads_due on downloads (retry_at) where retry_at is not null;
      create index downloads_current on downloads (position, added_at) where not (status in ('done', 'cancelled', 'ended'));
      create index downloads_history on downloads (finished_at desc, added_at) where status in ('done', 'cancelled', 'ended');
    `,
  },
  {
    name: 'delivery-3-attempts',
    sql: `create index downloads_attempt on downloads (attempt_id) where attempt_id is not null;`,
  },
]
