/** The address of another database on the same server, for another user when one is given. */
export function withDatabase(url: string, database: string, user?: string): string {
  const address = new URL(url)
  address.pathname = `/${database}`
  if (user !== undefined) address.username = user
  return address.href
}
