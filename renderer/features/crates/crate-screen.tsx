export function CrateScreen({ crateId }: { crateId: string }) {
  return <div>{crateId}</div>
}
