/** `npm run package:dir`: builds the app, packages it as a folder, and looks at what is inside. Ends with 1 when something is wrong with it. */
import '../build/app.ts'
import { packageFolder } from './package/package-folder.ts'
import { packageProblems } from './package/package-problems.ts'
import { readAsar } from './package/read-asar.ts'

const { folder, resources, isStub } = await packageFolder({})
console.log(
  isStub
    ? `Packaged with a stub, because Electron's executable is absent: the folder shows what is packed, and does not run.`
    : "Packaged with Electron's executable.",
)
const { entries } = await readAsar(`${resources}/app.asar`)
const packed = entries.reduce((sum, { size }) => sum + size, 0)
console.log(`${folder}: ${entries.length} files, ${(packed / 1_000_000).toFixed(1)} MB.`)
const problems = await packageProblems(resources)
for (const problem of problems) console.error(`- ${problem}`)
console.log(problems.length === 0 ? 'The package holds what it must, and nothing else.' : 'The package is not right.')
process.exitCode = problems.length === 0 ? 0 : 1
