import type { LocalMigration } from '../local-db/local-migration.ts'

export const libraryMigrations: readonly LocalMigration[] = [
  {
    name: 'library-1-files-and-owned',
    sql: `
      -- What the account may download, as the server said last.
      create table owned (
        content_type text not null,
        content_id text not null,
        position integer not null,
        json text not null,
        primary key (content_type, content_id)
      ) strict;

      create table library_state (name text primary key, value text not null) strict;

      -- One file for each track that is on this computer.
      create table local_files (
        track_id text primary key,
        folder text not null,
        file_name text not null,
        size_bytes integer not null,
        changed_ms real not null,
        sha256 text not null,
        audio_sha256 text,
        state text not null check (state in ('here', 'retagged', 'damaged')),
        tags text,
        added_at integer not null
      ) strict;

      -- Files that are about to get their final name: written before, removed with the file's row.
      create table publications (
        staged text primary key,
        folder text not null,
        file_name text not null,
        track_id text,
        sha256 text not null,
        audio_sha256 text
      ) strict;
    `,
  },
  {
    name: 'library-2-replaced-files',
    sql: `
      -- Files whose track has come in another format: each goes once it is known to be exactly what was delivered.
      create table replaced_files (
        folder text not null,
        file_name text not null,
        sha256 text not null,
        primary key (folder, file_name)
      ) strict, without rowid;

      -- Tracks whose file is another than before, until the folders of the crates have heard of it: with what a damaged one was, which may
      -- have other names there.
      create table switched_tracks (
        track_id text primary key,
        identity text,
        changed_ms real
      ) strict, without rowid;
    `,
  },
]
