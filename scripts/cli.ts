/** `npm run cli -- …`: the command line of MixMint. */
await import('../main/hosts/cli/main.ts')
