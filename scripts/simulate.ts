/** `npm run simulate -- --seeds 100000` runs that many simulations; `--seed 435` repeats one, or with `--seeds` says where to begin. */
import { numberArgument, runChaos } from './run-chaos.ts'

const seed = numberArgument('seed')
const seeds = numberArgument('seeds') ?? (seed === null ? null : 1)
process.exitCode = runChaos('seeds', seeds, seed) ? 0 : 1
