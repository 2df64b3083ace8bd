export function DevicesScreen() {
  return <div></div>
}
