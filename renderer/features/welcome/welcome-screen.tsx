export function WelcomeScreen() {
  return <div></div>
}
