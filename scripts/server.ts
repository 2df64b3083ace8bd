/** `npm run server`: the server alone; its arguments are those of server/main.ts. */
await import('../server/main.ts')
