/** Lets one activity wait until another says that something changed. A wake that comes before the wait is not lost. */
export class Wake {
  #pending = false
  #resolve: (() => void) | undefined

  wake(): void {
    if (this.#resolve === undefined) {
      this.#pending = true
    } else {
      this.#resolve()
      this.#resolve = undefined
    }
  }

  async wait(): Promise<void> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve
      })
    }
    this.#pending = false
  }
}
