const STYLE = `
:root { color-scheme: dark light; --ink: light-dark(#fbfcfb, #0b0f0e); --text: light-dark(#10201b, #e8f0ed); --muted: light-dark(#52635d, #9db0aa); --line: light-dark(#8fa39b, #55665f); --mint: light-dark(#0c6f4b, #3ddc97); --on-mint: light-dark(#ffffff, #06231a) }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ink); color: var(--text); font: 16px/1.5 system-ui, sans-serif }
main { width: min(26rem, 100% - 3rem) } h1 { font-size: 1.5rem; line-height: 1.25 } p { color: var(--muted) }
label { display: block; font-weight: 600; margin-bottom: .25rem }
input { box-sizing: border-box; width: 100%; font: inherit; padding: .65rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: transparent; color: inherit }
button { font: inherit; font-weight: 600; margin: 1rem .5rem 0 0; padding: .6rem 1.1rem; border-radius: .5rem; border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer }
button[value=continue] { background: var(--mint); border-color: var(--mint); color: var(--on-mint) }
:focus-visible { outline: 2px solid var(--mint); outline-offset: 2px }`

/** The headers of the page. The form's target may answer with a redirect back to the app, which browsers check against `form-action`. */
export const PROVIDER_PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'self' mixmint: http://127.0.0.1:*",
}

/** The page of the sandbox provider, which stands in for Google in local mode. `flowId` is a uuid. */
export function providerPage(flowId: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Sandbox sign-in</title>
<style>${STYLE}</style>
<main>
<h1>Sign in with the sandbox provider</h1>
<p>This page stands in for Google on a local MixMint. Choose any e-mail address: it becomes an account of its own.</p>
<form method="post" action="/auth/v1/sandbox-provider">
<input type="hidden" name="flow" value="${flowId}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="email" autofocus maxlength="254">
<button name="answer" value="continue">Continue</button><button name="answer" value="cancel" formnovalidate>Cancel</button>
</form>
</main>
</html>
`
}
