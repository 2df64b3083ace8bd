import type { LocalMigration } from '../local-db/local-migration.ts'

export const everythingMigrations: readonly LocalMigration[] = [
  {
    name: 'everything-1-batch',
    sql: `
      -- The last "download everything": one row, which stays as its report.
      create table everything (
        one integer primary key check (one = 1),
        started_at integer not null,
        finished_at integer,
        were_here integer not null
      ) strict;

      -- Its downloads, by content: the queue may forget a row, the report does not.
      create table everything_members (
        content_type text not null,
        content_id text not null,
        title text not null,
        artist text not null,
        cover text,
        tracks integer not null,
        size_bytes integer not null,
        format text,
        is_queued integer not null default 0,
        outcome text check (outcome in ('done', 'failed')),
        code text,
        message text,
        primary key (content_type, content_id)
      ) strict, without rowid;
    `,
  },
]
