import type { Component } from './component.ts'

/**
 * Components that were used last, bounded by the facts in them: a component may have two facts or a hundred thousand. Two
 * generations: what was not used while the young one filled up is dropped with the old one, so that making room costs nothing.
 */
export class ComponentCache {
  readonly #maxFacts: number
  #young: Generation = new Map()
  #old: Generation = new Map()
  #youngFacts = 0

  constructor(maxFacts: number) {
    this.#maxFacts = maxFacts
  }

  get(id: number): Component | undefined {
    const young = this.#young.get(id)
    if (young !== undefined) return young.component
    const old = this.#old.get(id)
    if (old !== undefined) this.set(old.component)
    return old?.component
  }

  /** Keeps a component, or takes note of its new size. */
  set(component: Component): void {
    this.delete(component.id)
    const weight = component.facts.length
    if (this.#youngFacts + weight > this.#maxFacts / 2) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngFacts = 0
    }
    this.#young.set(component.id, { component, weight })
    this.#youngFacts += weight
  }

  delete(id: number): void {
    this.#old.delete(id)
    const entry = this.#young.get(id)
    if (entry === undefined) return
    this.#young.delete(id)
    this.#youngFacts -= entry.weight
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
    this.#youngFacts = 0
  }
}

type Generation = Map<number, { component: Component; weight: number }>
