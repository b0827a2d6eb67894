export { Analytics, createAnalytics } from './analytics.ts'
export type { FlushOptions } from './analytics.ts'
export type { Callback } from './reports.ts'
export type { AnalyticsEvents } from './listeners.ts'
export type { MessageContext } from './message-context.ts'
export { DeliveryError, errorCodes } from './delivery-error.ts'
export type { DeliveryErrorCode } from './delivery-error.ts'
export type { AnalyticsSettings } from './settings.ts'
export type { SpoolSettings } from './spool/spool-queue.ts'
export type { Scope } from './scope.ts'
export type { AliasParams, CallOptions, GroupParams, IdentifyParams, PageParams, TrackParams, Traits } from './calls.ts'
export type { FetchFunction, HttpClient, HttpRequest, HttpResponse } from './http-client.ts'
export { version } from './version.ts'
export type {
  Context,
  Integrations,
  Middleware,
  MiddlewareCall,
  MiddlewarePayload,
  OutgoingMessage,
  Plugin,
} from '@millrace/sdk-core'
export type { AnyEvents, EventName, EventProperties, StandardEvents } from '@millrace/events'
