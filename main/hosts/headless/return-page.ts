const TEXTS = {
  done: { title: 'Back to MixMint', text: 'This is done. You can close this tab; MixMint goes on in its own.' },
  failed: {
    title: 'Nothing was changed',
    text: 'This link could not be used: it may be too old, or it was used before. Go back to MixMint and try again.',
  },
}

/** The page that a browser lands on after paying or signing in: it says how it went and does nothing. */
export function returnPage(outcome: keyof typeof TEXTS, nonce: string): string {
  const { title, text } = TEXTS[outcome]
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<title>${title}</title>
<style nonce="${nonce}">
body { font: 16px/1.5 system-ui, sans-serif; display: grid; place-content: center; min-height: 90vh; margin: 0 auto; max-width: 32rem; padding: 1.5rem; text-align: center }
h1 { font-size: 1.5rem; margin: 0 0 .5rem }
p { margin: 0 }
</style>
</head>
<body><main><h1>${title}</h1><p>${text}</p></main></body>
</html>
`
}
