import type { Component } from './component.ts'

/** Components that were used last, bounded by the facts in them: a component may have two facts or a hundred thousand. */
export class ComponentCache {
  readonly #maxFacts: number
  readonly #components = new Map<number, { component: Component; weight: number }>()
  #facts = 0

  constructor(maxFacts: number) {
    this.#maxFacts = maxFacts
  }

  get(id: number): Component | undefined {
    const entry = this.#components.get(id)
    if (entry === undefined) return undefined
    this.#components.delete(id)
    this.#components.set(id, entry)
    return entry.component
  }

  /** Keeps a component, or takes note of its new size. What was used longest ago makes room; the last one always stays. */
  set(component: Component): void {
    this.delete(component.id)
    const weight = component.facts.length
    this.#components.set(component.id, { component, weight })
    this.#facts += weight
    for (const id of this.#components.keys()) {
      if (this.#facts <= this.#maxFacts || id === component.id) break
      this.delete(id)
    }
  }

  delete(id: number): void {
    const entry = this.#components.get(id)
    if (entry === undefined) return
    this.#components.delete(id)
    this.#facts -= entry.weight
  }

  clear(): void {
    this.#components.clear()
    this.#facts = 0
  }
}
