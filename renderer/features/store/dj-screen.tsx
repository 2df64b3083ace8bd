export function DjScreen({ slug }: { slug: string }) {
  return <div>{slug}</div>
}
