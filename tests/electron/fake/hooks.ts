import { registerHooks } from 'node:module'

const fake = new URL('./electron.ts', import.meta.url).href

/** Whoever imports `electron` in this process gets the fake. */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: fake, shortCircuit: true } : next(specifier, context),
})
