-- Payments, what was bought, and the money side of an account. Amounts are minor units of their currency.
create table public.payments (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null references public.profiles (id),
  processor text not null check (processor in ('razorpay', 'stripe', 'paypal', 'wallet', 'sandbox')),
  purpose text not null check (purpose in
    ('content', 'dj_subscription', 'membership', 'service_order', 'webinar', 'booking_deposit', 'booking_remainder')),
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor >= 0),
  points_used int not null default 0 check (points_used >= 0),
  points_discount_minor bigint not null default 0 check (points_discount_minor >= 0),
  idempotency_key text not null,
  request_hash text not null,
  provider_order_id text,
  provider_payment_id text,
  checkout_url text,
  return_to text,
  status text not null default 'created' check (status in
    ('created', 'pending', 'authorized', 'captured', 'failed', 'cancelled', 'refunded', 'partially_refunded', 'disputed')),
  failure_code text,
  captured_at timestamptz,
  refunded_at timestamptz,
  expires_at timestamptz,
  unique (user_id, idempotency_key),
  unique (processor, provider_order_id),
  unique (processor, provider_payment_id)
);
create index payments_status on public.payments (status);

create table public.payment_items (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  payment_id uuid not null references public.payments (id),
  item_type text not null check (item_type in
    ('track', 'album', 'fan', 'product', 'dj_plan', 'membership', 'order', 'webinar', 'booking')),
  item_id uuid not null,
  seller_id uuid references public.profiles (id),
  title text not null,
  unit_price_minor bigint not null check (unit_price_minor >= 0),
  discount_minor bigint not null default 0 check (discount_minor >= 0),
  unique (payment_id, item_type, item_id)
);
create index payment_items_item on public.payment_items (item_type, item_id);

create table public.payment_events (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  processor text not null,
  provider_event_id text not null,
  event_type text not null,
  payment_id uuid references public.payments (id),
  signature_ok boolean not null,
  payload jsonb not null,
  outcome text not null default 'received' check (outcome in ('received', 'processed', 'ignored', 'duplicate', 'failed')),
  error text,
  processed_at timestamptz,
  unique (processor, provider_event_id)
);

create table public.transactions (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  buyer_id uuid references public.profiles (id),
  seller_id uuid references public.profiles (id),
  payment_id uuid references public.payments (id),
  transaction_type text not null check (transaction_type in
    ('product_purchase', 'service_purchase', 'webinar_registration', 'subscription_payment', 'payout', 'refund', 'track_purchase',
     'album_purchase', 'fan_purchase', 'dj_subscription_payment', 'booking_deposit', 'booking_remainder')),
  related_id uuid,
  currency char(3) not null,
  amount_total bigint not null,
  amount_fees bigint not null default 0,
  amount_commission bigint not null default 0,
  amount_seller bigint not null default 0 check (amount_seller >= 0),
  commission_rate numeric(5, 2) check (commission_rate between 10 and 40),
  seller_tier text check (seller_tier in ('basic', 'standard', 'premium', 'ultimate', 'partner')),
  payment_processor text not null check (payment_processor in ('stripe', 'paypal', 'wallet', 'razorpay', 'sandbox')),
  payment_method text check (payment_method in ('card', 'paypal', 'wallet_balance', 'upi', 'netbanking')),
  status text not null default 'pending' check (status in ('pending', 'completed', 'refunded', 'failed', 'disputed')),
  completed_at timestamptz,
  refunded_at timestamptz,
  metadata jsonb not null default '{}',
  check (amount_total = amount_fees + amount_commission + amount_seller)
);
create index transactions_type on public.transactions (transaction_type);
create index transactions_status on public.transactions (status);
create index transactions_newest on public.transactions (created_at desc);

create table public.purchases (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null references public.profiles (id),
  content_id uuid not null,
  content_type public.content_type not null check (content_type in ('track', 'album', 'fan', 'product')),
  payment_id uuid references public.payments (id),
  amount_minor bigint not null default 0 check (amount_minor >= 0),
  currency char(3) not null default 'INR',
  license_type text,
  revoked_at timestamptz,
  unique (user_id, content_id, content_type)
);
create index purchases_content on public.purchases (content_type, content_id);

-- content_id can have no foreign key, because its table depends on content_type.
create function app.check_content_exists() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if not (case new.content_type
    when 'track' then exists (select from public.tracks t where t.id = new.content_id)
    when 'album' then exists (select from public.album_packs a where a.id = new.content_id)
    when 'fan' then exists (select from public.fan_uploads f where f.id = new.content_id)
    else false end)
  then
    raise exception 'There is no % with this id', new.content_type using errcode = 'foreign_key_violation';
  end if;
  return new;
end $$;
create trigger check_content_exists before insert or update of content_type, content_id on public.purchases
  for each row execute function app.check_content_exists();
create trigger check_content_exists before insert or update of content_type, content_id on public.content_files
  for each row execute function app.check_content_exists();

create table public.wallets (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  user_id uuid not null unique references public.profiles (id) on delete cascade,
  default_currency char(3) not null default 'USD',
  stripe_account_id text,
  stripe_account_status text check (stripe_account_status in ('enabled', 'pending', 'disabled')),
  paypal_email text check (paypal_email = lower(paypal_email)),
  paypal_verified boolean not null default false,
  payouts_enabled boolean not null default false
);

create table public.wallet_balances (
  id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default app.now(),
  updated_at timestamptz not null default app.now(),
  wallet_id uuid not null references public.wallets (id),
  currency char(3) not null,
  balance_available bigint not null default 0 check (balance_available >= 0),
  balance_pending bigint not null default 0 check (balance_pending >= 0),
  total_earned_stripe bigint not null default 0,
  total_earned_paypal bigint not null default 0,
  total_earned_other bigint not null default 0,
  total_earned bigint generated always as (total_earned_stripe + total_earned_paypal + total_earned_other) stored,
  total_withdrawn_stripe bigint not null default 0,
  total_withdrawn_paypal bigint not null default 0,
  total_withdrawn bigint generated always as (total_withdrawn_stripe + total_withdrawn_paypal) stored,
  total_spent_on_platform bigint not null default 0,
  unique (wallet_id, currency)
);
