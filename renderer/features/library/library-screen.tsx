export function LibraryScreen() {
  return <div></div>
}
