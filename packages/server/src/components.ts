import type { AnyDestination, AnyWarehouse } from '@millrace/component-kit'
import type { WorkspaceRegistry } from '@millrace/control'
import { destinations } from '@millrace/destinations'
import { deliverySettings } from '@millrace/delivery'
import { httpSourceSettings } from '@millrace/ingestion'
import { warehouses } from '@millrace/warehouses'

/** All components of this program, loaded. The only place that names the packages they come from. */
export const loadComponents = async (): Promise<
  WorkspaceRegistry & {
    destinations: Record<string, AnyDestination>
    warehouses: Record<string, AnyWarehouse>
  }
> => ({
  destinations: Object.fromEntries(
    await Promise.all(Object.entries(destinations).map(async ([slug, load]) => [slug, await load()] as const)),
  ),
  warehouses,
  delivery: deliverySettings,
  sources: {
    http: {
      name: 'HTTP',
      description: 'Applications send to the Tracking API with an SDK or over HTTP.',
      settings: httpSourceSettings,
    },
  },
})
