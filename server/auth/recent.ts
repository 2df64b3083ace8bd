/** What was found out lately, by name: at most `most` things, the oldest are forgotten first. */
export class Recent<T> {
  readonly #most: number
  readonly #known = new Map<string, T>()

  constructor(most: number) {
    this.#most = most
  }

  get(name: string): T | undefined {
    return this.#known.get(name)
  }

  set(name: string, value: T): void {
    this.#known.delete(name)
    this.#known.set(name, value)
    if (this.#known.size <= this.#most) return
    const [oldest] = this.#known.keys()
    if (oldest !== undefined) this.#known.delete(oldest)
  }
}
