export function SettingsScreen() {
  return <div></div>
}
