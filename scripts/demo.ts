/** `npm run demo`: the main job with no hands. `--json` prints the proof as the last line. */
import { runMainJob } from '../tests/demo/main-job.ts'

let step = 0
const result = await runMainJob((line) => {
  step += 1
  console.log(`${String(step).padStart(2)}. ${line}`)
})
if (process.argv.includes('--json')) console.log(JSON.stringify(result))
else console.log(result.ok ? `Done in ${result.seconds} s.` : 'Something is wrong: see above.')
process.exitCode = result.ok ? 0 : 1
