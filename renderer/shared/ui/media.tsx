import { useQuery } from '@tanstack/react-query'
import { useClient } from '../client.tsx'

/** The address of a picture or sound; null until it is known, and when there is none. */
export function useMediaAddress(id: string | null): string | null {
  const client = useClient()
  const { data } = useQuery({
    queryKey: ['media.address', id],
    queryFn: () => client.mediaAddress(id ?? ''),
    enabled: id !== null,
    staleTime: 45 * 60_000,
    retry: 1,
  })
  return data ?? null
}

/** The loudness of a track as lowest and highest sample of each stretch, signed bytes in pairs; null until they are here. */
export function usePeaks(id: string | null): Int8Array | null {
  const client = useClient()
  const { data } = useQuery({
    queryKey: ['media.peaks', id],
    queryFn: async () => {
      const response = await fetch(await client.mediaAddress(id ?? ''))
      if (!response.ok) throw new Error(`No peaks: ${response.status}`)
      return new Int8Array(await response.arrayBuffer())
    },
    enabled: id !== null,
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  })
  return data ?? null
}
