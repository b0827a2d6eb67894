import { AsyncLocalStorage } from 'node:async_hooks'
import type { Integrations } from '@millrace/sdk-core'

/** What the calls within a function have in common, however asynchronous it is. */
export interface Scope {
  userId?: string | undefined
  anonymousId?: string | undefined
  context?: { readonly [name: string]: unknown } | undefined
  integrations?: Integrations | undefined
}

/** A scope within a scope has its values too; where both say something the inner one wins, in `context` key by key. */
export class Scopes {
  readonly #storage = new AsyncLocalStorage<Scope>()

  run<Result>(scope: Scope, body: () => Result): Result {
    const outer = this.#storage.getStore()
    const context = { ...outer?.context, ...scope.context }
    const integrations = { ...outer?.integrations, ...scope.integrations }
    return this.#storage.run({ ...outer, ...scope, context, integrations }, body)
  }

  current(): Scope | undefined {
    return this.#storage.getStore()
  }
}
