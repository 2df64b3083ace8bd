import type { LocalMigration } from '../local-db/local-migration.ts'

export const cratesMigrations: readonly LocalMigration[] = [
  {
    name: 'crates-1-cache-and-folders',
    sql: `
      -- Crates as this computer shows them: what the server said last, with the edits it has not heard yet.
      create table crates (
        id text primary key,
        name text not null,
        items text not null,
        sort_order integer not null,
        -- Of the server's record that the edits are based on; 0 while it knows none.
        revision integer not null,
        pending text check (pending in ('save', 'delete')),
        -- Grows with every edit here, so that one made while another is sent is not taken for sent.
        edits integer not null default 0
      ) strict;

      create table crate_folders (
        crate_id text primary key,
        path text not null,
        last_synced_at integer,
        -- 1 while a sync waits for downloads.
        is_waiting integer not null default 0
      ) strict;

      -- What the store said of items that the account does not own, to show their names.
      create table crate_item_facts (content_type text not null, content_id text not null, json text not null, primary key (content_type, content_id)) strict;

      create table crates_state (name text primary key, value integer not null) strict;
    `,
  },
  {
    name: 'crates-2-own-file-names',
    sql: `
      -- Crates whose files are named by a template of their own on this computer.
      create table crate_file_names (crate_id text primary key, template text not null) strict;
    `,
  },
]
