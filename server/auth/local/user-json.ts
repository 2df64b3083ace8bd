import type { IdentityRow, UserRow } from './rows.ts'

/** A user as Supabase Auth writes it. */
export function userJson(user: UserRow, identities: readonly IdentityRow[]): object {
  const { id, email, emailConfirmedAt, lastSignInAt, appMetadata, userMetadata, createdAt, updatedAt } = user
  return {
    ...{ id, aud: 'authenticated', role: 'authenticated', email, phone: '' },
    email_confirmed_at: instant(emailConfirmedAt),
    confirmed_at: instant(emailConfirmedAt),
    last_sign_in_at: instant(lastSignInAt),
    app_metadata: appMetadata,
    user_metadata: userMetadata,
    identities: identities.map((identity) => identityJson(identity, user)),
    created_at: instant(createdAt),
    updated_at: instant(updatedAt),
    is_anonymous: false,
  }
}

function identityJson(identity: IdentityRow, { id: userId, email }: UserRow): object {
  return {
    identity_id: identity.id,
    id: identity.providerId,
    user_id: userId,
    identity_data: identity.data,
    provider: identity.provider,
    email,
    created_at: instant(identity.createdAt),
    updated_at: instant(identity.updatedAt),
    last_sign_in_at: instant(identity.lastSignInAt),
  }
}

function instant(date: Date | null): string | undefined {
  return date?.toISOString()
}
