/**
 * The environment of a desktop process that stays small: its own young objects fill 2 MB instead of 16 before they are looked through, and the
 * C library keeps two pools of memory instead of eight for each core (about 50 MB each). What the user set wins.
 */
export function hostEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const options = ['--max-semi-space-size=2', env['NODE_OPTIONS'] ?? '']
  return { MALLOC_ARENA_MAX: '2', ...env, NODE_OPTIONS: options.join(' ').trim() }
}
