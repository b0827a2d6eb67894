import type { AnyDestination, AnyWarehouse } from '@millrace/component-kit'
import type { WorkspaceRegistry } from '@millrace/control'
import { destinations } from '@millrace/destinations'
import { notifierTypes } from './alerts/send-notification.ts'
import { deliverySettings } from '@millrace/delivery'
import { httpSourceSettings } from '@millrace/ingestion'
import { warehouses } from '@millrace/warehouses'

/** All components of this program, loaded. The only place that names the packages they come from. */
export const loadComponents = async (): Promise<
  WorkspaceRegistry & {
    destinations: Record<string, AnyDestination>
    warehouses: Record<string, AnyWarehouse>
  }
> => {
  const loaded: Record<string, AnyDestination> = Object.fromEntries(
    await Promise.all(Object.entries(destinations).map(async ([slug, load]) => [slug, await load()] as const)),
  )
  return {
    destinations: loaded,
    warehouses,
    delivery: deliverySettings,
    notifiers: notifierTypes(webhookOf(loaded)),
    sources: {
      http: {
        name: 'HTTP',
        description: 'Applications send to the Tracking API with an SDK or over HTTP.',
        settings: httpSourceSettings,
      },
    },
  }
}

/** The destination that webhook notifiers are made from. */
export const webhookOf = (loaded: { readonly [slug: string]: AnyDestination }): AnyDestination => {
  const webhook = loaded['webhook']
  if (webhook === undefined) throw new Error('there is no destination "webhook", which notifiers are made from')
  return webhook
}
