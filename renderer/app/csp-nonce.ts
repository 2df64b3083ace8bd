import { setNonce } from 'get-nonce'

// Radix locks scrolling with a style element and reads its nonce from here. Browsers show a nonce to the property only.
setNonce(document.querySelector<HTMLMetaElement>('meta[property=csp-nonce]')?.nonce ?? '')
