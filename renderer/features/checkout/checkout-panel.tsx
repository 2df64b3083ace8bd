export function CheckoutPanel() {
  return <div></div>
}
