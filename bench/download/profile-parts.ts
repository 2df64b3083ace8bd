import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import type { Bench } from './bench.ts'
import { measureOurMany } from './many.ts'
import { describeProfiles } from './profile.ts'
import { startShop } from './shop-server.ts'
import { measureOurs, singleSource, startClean } from './single.ts'

/** Runs ours once for each part that is asked for, under Node's own profiler, which slows it; answers where the time went. */
export async function profileParts(bench: Bench): Promise<string[]> {
  const { parts } = bench.options
  return [
    ...(parts.has('single') || parts.has('cpu') ? await profileSingle(bench) : []),
    ...(parts.has('many') ? await profileMany(bench) : []),
  ]
}

async function profileSingle(bench: Bench): Promise<string[]> {
  await using stack = new AsyncDisposableStack()
  const { server, source, target } = await singleSource(bench, stack)
  const profiles = path.join(bench.folder, 'profiles-single')
  await mkdir(profiles)
  await startClean(bench, target)
  const { seconds } = await measureOurs(bench, server, source, target, profilerArgs(profiles))
  return [`One file in ${seconds.toFixed(2)} s under the profiler`, ...(await describeProfiles(profiles, 'client'))]
}

async function profileMany(bench: Bench): Promise<string[]> {
  const [client, server] = ['profiles-client', 'profiles-server'].map((name) => path.join(bench.folder, name)) as [
    string,
    string,
  ]
  const target = path.join(bench.folder, 'many-target')
  await mkdir(client)
  await mkdir(server)
  let seconds = 0
  {
    // The server writes its profile when it ends.
    await using shop = await startShop(bench, path.join(bench.folder, 'many'), profilerArgs(server))
    await startClean(bench, target)
    seconds = (await measureOurMany(bench, shop, target, profilerArgs(client))).seconds
  }
  return [
    `Many files in ${seconds.toFixed(2)} s under the profiler`,
    ...(await describeProfiles(client, 'client')),
    ...(await describeProfiles(server, 'server')),
  ]
}

function profilerArgs(folder: string): string[] {
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`]
}
