/** The first start's question as a document without scripts: a form that asks for the same page with an answer. */
export function setupPage({ nonce, typed, problem }: { nonce: string; typed: string; problem: string | null }): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>MixMint</title><meta name="color-scheme" content="dark light"><style nonce="${nonce}">
:root{font:16px/1.5 system-ui,sans-serif;--ground:light-dark(#fbfcfb,#0b0f0e);--ink:light-dark(#10201b,#e8f0ed);--muted:light-dark(#52635d,#9db0aa);--edge:light-dark(#6f817b,#5f736c);--mint:light-dark(#0c6f4b,#3ddc97);--on-mint:light-dark(#fff,#06241a);--coral:light-dark(#b3261a,#ff7d72)}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink)}
main{width:min(26rem,100% - 3rem)}svg{width:2.5rem;fill:var(--mint)}h1{font-size:1.5rem;text-wrap:balance;line-height:1.2;margin:1rem 0 .5rem}p{color:var(--muted);margin:0 0 1.5rem}
label{display:block;font-weight:600;margin-bottom:.4rem}input{box-sizing:border-box;width:100%;font:inherit;padding:.6rem .75rem;border:1px solid var(--edge);border-radius:.5rem;background:transparent;color:inherit}
button{margin-top:1rem;font:inherit;font-weight:600;padding:.6rem 1.25rem;border:0;border-radius:.5rem;background:var(--mint);color:var(--on-mint)}
:focus-visible{outline:2px solid var(--mint);outline-offset:2px}.problem{color:var(--coral);margin:.5rem 0 0}
</style></head><body><main>
<svg viewBox="0 0 24 24" aria-hidden="true"><rect x="1" y="9" width="3" height="6" rx="1.5"/><rect x="5.75" y="5" width="3" height="14" rx="1.5"/><rect x="10.5" y="1" width="3" height="22" rx="1.5"/><rect x="15.25" y="6" width="3" height="12" rx="1.5"/><rect x="20" y="10" width="3" height="4" rx="1.5"/></svg>
<h1>Which MixMint store do you use?</h1><p>Enter the address that your store gave you. MixMint asks for it once.</p>
<form action="app://setup/choose" method="get"><label for="address">Address of the store</label>
<input id="address" name="address" required autofocus autocomplete="url" spellcheck="false" placeholder="store.example.com" value="${escaped(typed)}"${problem === null ? '' : ' aria-invalid="true" aria-describedby="problem"'}>
${problem === null ? '' : `<p class="problem" id="problem" role="alert">${escaped(problem)}</p>`}<button>Continue</button></form>
</main></body></html>`
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
