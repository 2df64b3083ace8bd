export function CratesScreen() {
  return <div></div>
}
