-- What the server needs to know of a sign-in session, and how it ends one. Schema auth belongs to Supabase Auth, whose tables no role of
-- ours may read; only the columns named here are used.
create function app.session_begun_at(p_session_id uuid, p_user_id uuid) returns timestamptz
language sql stable security definer set search_path = '' as $$
  select s.created_at from auth.sessions s
  where s.id = p_session_id and s.user_id = p_user_id and (s.not_after is null or s.not_after > app.now())
$$;
comment on function app.session_begun_at(uuid, uuid) is 'When the session began with its first factor; null when it has ended.';

create function app.end_session(p_session_id uuid, p_user_id uuid) returns void
language sql volatile security definer set search_path = '' as $$
  delete from auth.sessions s where s.id = p_session_id and s.user_id = p_user_id
$$;

revoke execute on function app.session_begun_at(uuid, uuid), app.end_session(uuid, uuid) from public, anon, authenticated, service_role;
grant execute on function app.session_begun_at(uuid, uuid), app.end_session(uuid, uuid) to mixmint_server;
