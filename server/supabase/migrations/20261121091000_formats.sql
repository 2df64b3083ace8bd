-- A track may be delivered in several formats; an attempt delivers one of them, and each has its own open attempt.
alter table public.download_attempts add column format text;
update public.download_attempts a set format = case o.mime_type
    when 'audio/flac' then 'flac' when 'audio/wav' then 'wav' when 'audio/aiff' then 'aiff' when 'application/zip' then 'zip' else 'mp3' end
  from public.objects o where o.sha256 = a.object_sha256;
alter table public.download_attempts alter column format set not null,
  add constraint download_attempts_format check (format in ('mp3', 'flac', 'wav', 'aiff', 'zip'));
comment on column public.download_attempts.format is 'What of the content it delivers; attempt_limit counts each format by itself.';

drop index public.download_attempts_one_open;
create unique index download_attempts_one_open on public.download_attempts (user_id, content_type, content_id, device_id, format)
  where state in ('reserved', 'active');
