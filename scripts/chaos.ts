/**
 * `npm run chaos -- --kills 2000`, `--states 5000`, `--histories 10000`: each as often as asked, one after the other; without any, all as often
 * as in the whole suite. `--seed` says where to begin, so that with 1 it repeats a single one.
 */
import { CHAOS_FILES, type ChaosName, numberArgument, runChaos } from './run-chaos.ts'

const seed = numberArgument('seed')
const names = Object.keys(CHAOS_FILES) as ChaosName[]
const asked = names.filter((name) => numberArgument(name) !== null)
const failed = (asked.length > 0 ? asked : names).filter((name) => !runChaos(name, numberArgument(name), seed))
process.exitCode = failed.length === 0 ? 0 : 1
