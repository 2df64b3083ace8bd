export function TrackScreen({ trackId }: { trackId: string }) {
  return <div>{trackId}</div>
}
