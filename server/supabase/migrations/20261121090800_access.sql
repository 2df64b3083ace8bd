-- Who may see and change what. Everything is taken away first; each line below gives back one thing.
-- A column that is not named is not readable: file keys, hashes of tokens, provider ids and the like stay with the server.
select app.finish_tables();
revoke all on public.dj_subscription_status from public, anon, authenticated, service_role;

-- An account that is suspended or banned still reads what is its own, and writes nothing.
create function app.caller_is_active() returns boolean language sql stable set search_path = '' as $$
  select exists (select from public.profiles p where p.id = (select auth.uid()) and p.status = 'active')
$$;
create function app.caller_is_approved_dj() returns boolean language sql stable set search_path = '' as $$
  select app.caller_is_active()
    and exists (select from public.dj_profiles d where d.user_id = (select auth.uid()) and d.status = 'approved')
$$;
-- What the caller bought or was granted stays visible to the caller, whatever became of it in the store.
create function app.caller_has(p_content_type public.content_type, p_content_id uuid) returns boolean
language sql stable set search_path = '' as $$
  select exists (
      select from public.purchases p
      where p.user_id = (select auth.uid()) and p.content_type = p_content_type and p.content_id = p_content_id and p.revoked_at is null)
    or (p_content_type = 'fan' and exists (
      select from public.fan_upload_entitlements e
      where e.user_id = (select auth.uid()) and e.fan_upload_id = p_content_id and e.revoked_at is null))
    or (p_content_type = 'track' and exists (
      select from public.album_pack_tracks t
      join public.purchases p on p.content_type = 'album' and p.content_id = t.album_pack_id
      where t.track_id = p_content_id and p.user_id = (select auth.uid()) and p.revoked_at is null))
$$;
revoke execute on all functions in schema app from public;
grant execute on function app.now(), app.today(), app.search_form(text) to anon, authenticated, service_role, mixmint_server;
grant execute on function app.caller_is_active(), app.caller_is_approved_dj(), app.caller_has(public.content_type, uuid) to authenticated;
grant execute on function
  app.network_of(inet), app.take_quota(uuid, public.content_type), app.return_quota(uuid, public.content_type),
  app.redeem_token(text, uuid, uuid, inet, bigint, bigint), app.access_is_withdrawn(public.download_attempts),
  app.count_served(uuid, bigint), app.close_token(uuid, text)
to mixmint_server;

-- The service role is how administrators and the jobs reach rows; append-only tables stay append-only for it too.
grant select, insert, update, delete on all tables in schema public to service_role;

-- The server's own hand.
grant select on all tables in schema public to mixmint_server;
revoke select on public.admin_users, public.admin_sessions from mixmint_server;
grant insert, update on
  public.devices, public.tracks, public.album_packs, public.fan_uploads, public.objects, public.content_files,
  public.payments, public.payment_items, public.payment_events, public.transactions, public.purchases,
  public.subscriptions, public.dj_subscriptions, public.subscription_usage, public.fan_upload_entitlements,
  public.download_attempts, public.download_tokens, public.abuse_flags, public.wallets, public.wallet_balances
to mixmint_server;
grant insert on public.download_logs, public.admin_audit_logs to mixmint_server;
grant insert, update, delete on
  public.album_pack_tracks, public.dpop_jti, public.rate_limits, public.idempotency_keys, public.email_outbox, public.jobs, public.job_runs
to mixmint_server;

-- Identity
grant select (id, created_at, updated_at, email, full_name, role, status, metadata, tier, onboarding_steps, deleted_at),
  update (full_name, metadata, onboarding_steps) on public.profiles to authenticated;
create policy own on public.profiles for select to authenticated using (id = (select auth.uid()));
create policy change_own on public.profiles for update to authenticated
  using (id = (select auth.uid()) and status = 'active') with check (id = (select auth.uid()));

grant select (id, user_id, role, created_at) on public.user_roles to authenticated;
create policy own on public.user_roles for select to authenticated using (user_id = (select auth.uid()));

grant select (id, user_id, username, display_name, bio, avatar_url, banner_url, website_url, profile_visibility, is_partner_account,
  public_profile_slug, social_links, profile_picture_url, created_at) on public.user_profiles to anon, authenticated;
grant select (onboarding_completed),
  update (username, display_name, bio, avatar_url, banner_url, website_url, profile_visibility, public_profile_slug, social_links,
    onboarding_completed) on public.user_profiles to authenticated;
create policy everybody on public.user_profiles for select to anon, authenticated using (profile_visibility = 'public' and not is_banned);
create policy members on public.user_profiles for select to authenticated using (profile_visibility = 'members_only' and not is_banned);
create policy own on public.user_profiles for select to authenticated using (user_id = (select auth.uid()));
create policy change_own on public.user_profiles for update to authenticated
  using (user_id = (select auth.uid()) and app.caller_is_active()) with check (user_id = (select auth.uid()));

grant select (id, user_id, dj_name, slug, bio, portrait_url, status, created_at) on public.dj_profiles to anon, authenticated;
grant insert (user_id, dj_name, slug, bio), update (dj_name, slug, bio) on public.dj_profiles to authenticated;
create policy approved on public.dj_profiles for select to anon, authenticated using (status = 'approved');
create policy own on public.dj_profiles for select to authenticated using (user_id = (select auth.uid()));
create policy apply on public.dj_profiles for insert to authenticated
  with check (user_id = (select auth.uid()) and status = 'pending' and app.caller_is_active());
create policy change_own on public.dj_profiles for update to authenticated
  using (user_id = (select auth.uid()) and app.caller_is_active()) with check (user_id = (select auth.uid()));

grant select (id, user_id, jkt, kind, session_id, name, platform, last_ip, last_seen_at, revoked_at, created_at) on public.devices
  to authenticated;
create policy own on public.devices for select to authenticated using (user_id = (select auth.uid()));

-- Catalogue
grant select (id, name, slug, parent_genre_id, is_active, created_at) on public.genres to anon, authenticated;
create policy everybody on public.genres for select to anon, authenticated using (true);
grant select (id, name, slug, usage_count, trending_score, created_at) on public.tags to anon, authenticated;
create policy everybody on public.tags for select to anon, authenticated using (true);

grant select (id, created_at, updated_at, dj_id, title, artist_name, description, price_minor, currency, preview_key, peaks_key, cover_url,
  attempt_limit, is_fan_only, bpm, musical_key, genre_id, tags, duration_seconds, audio_format, file_size_bytes, mime_type, status,
  published_at, expected_at, is_ready, search_text) on public.tracks to anon, authenticated;
grant insert (dj_id, title, artist_name, description, price_minor, is_fan_only, bpm, musical_key, genre_id, tags, cover_url),
  update (title, artist_name, description, price_minor, is_fan_only, bpm, musical_key, genre_id, tags, cover_url), delete
  on public.tracks to authenticated;
grant select (id, created_at, updated_at, dj_id, title, artist_name, description, price_minor, currency, zip_mode, zip_state, preview_key,
  cover_url, attempt_limit, is_fan_only, bpm, musical_key, genre_id, duration_seconds, file_size_bytes, mime_type, status,
  published_at, expected_at, is_ready, search_text) on public.album_packs to anon, authenticated;
grant insert (dj_id, title, artist_name, description, price_minor, is_fan_only, bpm, musical_key, genre_id, cover_url),
  update (title, artist_name, description, price_minor, is_fan_only, bpm, musical_key, genre_id, cover_url), delete
  on public.album_packs to authenticated;
grant select (id, created_at, updated_at, dj_id, title, artist_name, description, price_minor, currency, preview_key, peaks_key, cover_url,
  attempt_limit, bpm, musical_key, duration_seconds, audio_format, file_size_bytes, mime_type, status, published_at, expected_at, is_ready)
  on public.fan_uploads to anon, authenticated;
grant insert (dj_id, title, artist_name, description, price_minor, bpm, musical_key, cover_url),
  update (title, artist_name, description, price_minor, bpm, musical_key, cover_url), delete
  on public.fan_uploads to authenticated;
do $$
declare
  content record;
begin
  for content in select * from (values ('tracks', 'track'), ('album_packs', 'album'), ('fan_uploads', 'fan')) as c (name, kind) loop
    execute format($policy$create policy published on public.%I for select to anon, authenticated using (
      status = 'published' and exists (select from public.dj_profiles d where d.user_id = dj_id and d.status = 'approved'))$policy$, content.name);
    execute format('create policy own on public.%I for select to authenticated using (dj_id = (select auth.uid()))', content.name);
    execute format($policy$create policy had on public.%I for select to authenticated using (
      status <> 'draft' and app.caller_has(%L, id))$policy$, content.name, content.kind);
    execute format($policy$create policy add_own on public.%I for insert to authenticated with check (
      dj_id = (select auth.uid()) and status = 'draft' and app.caller_is_approved_dj())$policy$, content.name);
    execute format($policy$create policy change_own on public.%I for update to authenticated
      using (dj_id = (select auth.uid()) and app.caller_is_approved_dj()) with check (dj_id = (select auth.uid()))$policy$, content.name);
    execute format($policy$create policy delete_own_draft on public.%I for delete to authenticated
      using (dj_id = (select auth.uid()) and status = 'draft' and app.caller_is_approved_dj())$policy$, content.name);
  end loop;
end $$;

grant select (id, album_pack_id, track_id, position, created_at) on public.album_pack_tracks to anon, authenticated;
grant insert (album_pack_id, track_id, position), update (position), delete on public.album_pack_tracks to authenticated;
create policy with_its_pack on public.album_pack_tracks for select to anon, authenticated
  using (exists (select from public.album_packs a where a.id = album_pack_id));
create policy add_to_own on public.album_pack_tracks for insert to authenticated with check (
  app.caller_is_approved_dj()
  and exists (select from public.album_packs a where a.id = album_pack_id and a.dj_id = (select auth.uid()) and a.status = 'draft')
  and exists (select from public.tracks t where t.id = track_id and t.dj_id = (select auth.uid())));
create policy change_in_own on public.album_pack_tracks for update to authenticated using (
  app.caller_is_approved_dj()
  and exists (select from public.album_packs a where a.id = album_pack_id and a.dj_id = (select auth.uid()) and a.status = 'draft'));
create policy delete_from_own on public.album_pack_tracks for delete to authenticated using (
  app.caller_is_approved_dj()
  and exists (select from public.album_packs a where a.id = album_pack_id and a.dj_id = (select auth.uid()) and a.status = 'draft'));

grant select (id, dj_id, plan, price_minor, currency, period_days, tracks_quota, zip_quota, fan_uploads_quota, is_active, created_at)
  on public.dj_plans to anon, authenticated;
grant insert (dj_id, plan, price_minor, period_days, tracks_quota, zip_quota, fan_uploads_quota, is_active),
  update (price_minor, period_days, tracks_quota, zip_quota, fan_uploads_quota, is_active) on public.dj_plans to authenticated;
create policy active on public.dj_plans for select to anon, authenticated using (
  is_active and exists (select from public.dj_profiles d where d.user_id = dj_id and d.status = 'approved'));
create policy own on public.dj_plans for select to authenticated using (dj_id = (select auth.uid()));
create policy add_own on public.dj_plans for insert to authenticated
  with check (dj_id = (select auth.uid()) and app.caller_is_approved_dj());
create policy change_own on public.dj_plans for update to authenticated
  using (dj_id = (select auth.uid()) and app.caller_is_approved_dj()) with check (dj_id = (select auth.uid()));

-- Commerce: an account reads its own; only the server writes.
grant select (id, user_id, created_at, updated_at, processor, purpose, currency, amount_minor, points_used, points_discount_minor,
  checkout_url, status, failure_code, captured_at, refunded_at, expires_at) on public.payments to authenticated;
create policy own on public.payments for select to authenticated using (user_id = (select auth.uid()));
grant select (id, payment_id, item_type, item_id, seller_id, title, unit_price_minor, discount_minor, created_at)
  on public.payment_items to authenticated;
create policy own on public.payment_items for select to authenticated
  using (exists (select from public.payments p where p.id = payment_id and p.user_id = (select auth.uid())));
grant select (id, created_at, buyer_id, seller_id, payment_id, transaction_type, related_id, currency, amount_total, amount_fees,
  amount_commission, amount_seller, commission_rate, payment_processor, payment_method, status, completed_at, refunded_at)
  on public.transactions to authenticated;
create policy party on public.transactions for select to authenticated
  using (buyer_id = (select auth.uid()) or seller_id = (select auth.uid()));
grant select (id, created_at, updated_at, user_id, content_id, content_type, payment_id, amount_minor, currency, license_type, revoked_at)
  on public.purchases to authenticated;
create policy own on public.purchases for select to authenticated using (user_id = (select auth.uid()));
grant select (id, created_at, updated_at, user_id, default_currency, stripe_account_status, paypal_email, paypal_verified, payouts_enabled),
  update (paypal_email, default_currency) on public.wallets to authenticated;
create policy own on public.wallets for select to authenticated using (user_id = (select auth.uid()));
create policy change_own on public.wallets for update to authenticated
  using (user_id = (select auth.uid()) and app.caller_is_active()) with check (user_id = (select auth.uid()));
grant select on public.wallet_balances to authenticated;
create policy own on public.wallet_balances for select to authenticated
  using (exists (select from public.wallets w where w.id = wallet_id and w.user_id = (select auth.uid())));

-- Entitlements
grant select (id, created_at, updated_at, user_id, tier, "interval", status, current_period_start, current_period_end, cancel_at, cancelled_at)
  on public.subscriptions to authenticated;
create policy own on public.subscriptions for select to authenticated using (user_id = (select auth.uid()));
grant select (id, created_at, updated_at, user_id, dj_id, plan, status, started_at, expires_at, tracks_quota, zip_quota, fan_uploads_quota,
  auto_renew, payment_id, cancelled_at) on public.dj_subscriptions to authenticated;
create policy own on public.dj_subscriptions for select to authenticated using (user_id = (select auth.uid()));
grant select on public.subscription_usage to authenticated;
create policy own on public.subscription_usage for select to authenticated
  using (exists (select from public.dj_subscriptions s where s.id = subscription_id and s.user_id = (select auth.uid())));
grant select on public.dj_subscription_status to authenticated, service_role, mixmint_server;
grant select on public.fan_upload_entitlements to authenticated;
grant insert (user_id, fan_upload_id, granted_by, expires_at), update (expires_at, revoked_at) on public.fan_upload_entitlements to authenticated;
create policy own on public.fan_upload_entitlements for select to authenticated
  using (user_id = (select auth.uid()) or granted_by = (select auth.uid()));
create policy grant_own on public.fan_upload_entitlements for insert to authenticated with check (
  granted_by = (select auth.uid()) and app.caller_is_approved_dj()
  and exists (select from public.fan_uploads f where f.id = fan_upload_id and f.dj_id = (select auth.uid())));
create policy change_own on public.fan_upload_entitlements for update to authenticated
  using (granted_by = (select auth.uid()) and app.caller_is_approved_dj()) with check (granted_by = (select auth.uid()));

-- Delivery: an account reads its own; tokens come from the server alone.
grant select (id, created_at, updated_at, user_id, device_id, content_type, content_id, size_bytes, state, access_source, is_repair,
  closes_at, first_byte_at, settled_at, settle_reason, bytes_served, byte_budget, rebinds, reset_at) on public.download_attempts to authenticated;
create policy own on public.download_attempts for select to authenticated using (user_id = (select auth.uid()));
grant select (id, created_at, updated_at, attempt_id, user_id, device_id, content_type, content_id, range_start, range_end, is_repair,
  expires_at, ip_address, used_at, is_used, used_ip, bytes_sent, closed_at, outcome, revoked_at) on public.download_tokens to authenticated;
create policy own on public.download_tokens for select to authenticated using (user_id = (select auth.uid()));
grant select (id, created_at, user_id, token_id, attempt_id, event, reason, ip_address, device_id, range_from, bytes)
  on public.download_logs to authenticated;
create policy own on public.download_logs for select to authenticated using (user_id = (select auth.uid()));

-- Crates
grant select, insert (id, user_id, name, rules, sort_order), update (name, rules, sort_order), delete on public.crates to authenticated;
create policy own on public.crates for select to authenticated using (user_id = (select auth.uid()));
create policy add_own on public.crates for insert to authenticated with check (user_id = (select auth.uid()) and app.caller_is_active());
create policy change_own on public.crates for update to authenticated
  using (user_id = (select auth.uid()) and app.caller_is_active()) with check (user_id = (select auth.uid()));
create policy delete_own on public.crates for delete to authenticated using (user_id = (select auth.uid()) and app.caller_is_active());
grant select, insert (id, crate_id, content_type, content_id, position), update (position), delete on public.crate_items to authenticated;
create policy own on public.crate_items for select to authenticated
  using (exists (select from public.crates c where c.id = crate_id and c.user_id = (select auth.uid())));
create policy add_to_own on public.crate_items for insert to authenticated with check (
  app.caller_is_active() and exists (select from public.crates c where c.id = crate_id and c.user_id = (select auth.uid())));
create policy change_in_own on public.crate_items for update to authenticated using (
  app.caller_is_active() and exists (select from public.crates c where c.id = crate_id and c.user_id = (select auth.uid())));
create policy delete_from_own on public.crate_items for delete to authenticated using (
  app.caller_is_active() and exists (select from public.crates c where c.id = crate_id and c.user_id = (select auth.uid())));
