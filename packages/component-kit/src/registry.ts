import type { AnyDestination } from './destination.ts'
import type { AnyWarehouse } from './warehouse.ts'

/**
 * Every component that the server may run, by slug, loaded when it is first used. The composition root builds it
 * from the generated lists of the component packages and hands it to the services.
 */
export interface Registry {
  readonly destinations: { readonly [slug: string]: () => Promise<AnyDestination> }
  readonly warehouses: { readonly [slug: string]: () => Promise<AnyWarehouse> }
}
