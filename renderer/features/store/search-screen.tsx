export function SearchScreen({ text, sort }: { text: string; sort: string }) {
  return (
    <div>
      {text}
      {sort}
    </div>
  )
}
