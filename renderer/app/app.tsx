import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { Tooltip } from 'radix-ui'
import { useEffect, useMemo } from 'react'
import { type Client, ClientProvider } from '../shared/client.tsx'
import { checkout } from '../shared/state/checkout.ts'
import { ToastRegion } from '../shared/ui/toast-region.tsx'
import { createQueries } from '../shared/use-call.ts'
import { followEvents } from './events.ts'
import { createAppRouter } from './routes.tsx'

/** The whole interface over one client. */
export function App({ client }: { client: Client }) {
  const queries = useMemo(() => createQueries(), [])
  const router = useMemo(() => createAppRouter(), [])
  useEffect(() => {
    function follow(route: string): void {
      const [, paymentId] = /^\/payment\/([\w-]+)$/.exec(route) ?? []
      if (paymentId === undefined) void router.navigate({ href: route })
      else checkout.returned(paymentId)
    }
    return followEvents(client, queries, follow)
  }, [client, queries, router])
  return (
    <ClientProvider client={client}>
      <QueryClientProvider client={queries}>
        <Tooltip.Provider delayDuration={400}>
          <RouterProvider router={router} />
          <ToastRegion />
        </Tooltip.Provider>
      </QueryClientProvider>
    </ClientProvider>
  )
}
