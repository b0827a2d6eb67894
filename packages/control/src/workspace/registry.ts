import type { AnyDestination, AnyWarehouse, Fields } from '@millrace/component-kit'

/**
 * The components that a document may name, loaded. The composition root loads what `Registry` of the component kit
 * declares lazily, because a document is checked as a whole.
 */
export interface WorkspaceRegistry {
  readonly destinations: { readonly [slug: string]: AnyDestination }
  readonly warehouses: { readonly [slug: string]: AnyWarehouse }
  readonly sources: { readonly [type: string]: SourceType }
  /** What `delivery` of each destination may hold. Nothing when absent. */
  readonly delivery?: Fields
  /** How people are told of alerts. None when absent. */
  readonly notifiers?: { readonly [type: string]: NotifierType }
}

/** A kind of notifier: what its settings may hold. */
export interface NotifierType {
  readonly name: string
  readonly description: string
  readonly settings: Fields
}

/** A kind of source: what its settings may hold. */
export interface SourceType {
  readonly name: string
  readonly description: string
  readonly settings: Fields
}
