export function DownloadsScreen() {
  return <div></div>
}
