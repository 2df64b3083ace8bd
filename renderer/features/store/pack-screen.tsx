export function PackScreen({ packId }: { packId: string }) {
  return <div>{packId}</div>
}
