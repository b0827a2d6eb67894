import type { Infer, ResolvedPreset } from '@millrace/component-kit'
import type { JsonObject } from '@millrace/protocol'
import type { settingsGroups } from './settings.ts'

/** A checked workspace: defaults filled in, secrets resolved, presets in place. Never shown and never stored. */
export interface Workspace {
  readonly sources: { readonly [id: string]: WorkspaceSource }
  readonly destinations: { readonly [id: string]: WorkspaceDestination }
  readonly notifiers: { readonly [id: string]: WorkspaceNotifier }
  readonly alerts: { readonly [id: string]: WorkspaceAlert }
  readonly network: {
    /** Address ranges (CIDR) outside the public internet that destinations may be sent to. */
    readonly allow: readonly string[]
    /** Address ranges whose `X-Forwarded-For`, `-Host` and `-Proto` are believed. */
    readonly trustedProxies: readonly string[]
    /** Where clients reach this server, without a slash at the end. */
    readonly publicUrl?: string
  }
  readonly settings: WorkspaceSettings
}

export interface WorkspaceSource {
  readonly id: string
  readonly type: string
  readonly name: string
  readonly writeKeys: readonly string[]
  readonly enabled: boolean
  /** Fits the fields that the registry declares for the type. */
  readonly settings: JsonObject
}

export interface WorkspaceDestination {
  readonly id: string
  readonly kind: 'destination' | 'warehouse'
  /** The slug of the component. */
  readonly type: string
  readonly name: string
  /** Ids of the sources whose messages it receives. */
  readonly sources: readonly string[]
  readonly enabled: boolean
  /** Fits the component's settings; secrets are in clear. */
  readonly settings: JsonObject
  /** Fits the fields of `delivery` in the registry, defaults filled in. */
  readonly delivery: JsonObject
  /** What runs: the enabled mappings of the document, or the presets when it has none. Empty for a warehouse. */
  readonly mappings: readonly ResolvedPreset[]
  /** The id that it had before; its cursor and its account go on under the new one. */
  readonly formerId?: string
  /** Milliseconds since 1970 of the first message that it receives. Only looked at when the destination is new. */
  readonly startAt?: number
}

export interface WorkspaceNotifier {
  readonly id: string
  readonly type: string
  readonly name: string
  /** Fits the fields that the registry declares for the type; secrets are in clear. */
  readonly settings: JsonObject
}

export interface WorkspaceAlert {
  readonly id: string
  /** The rule. */
  readonly type: string
  readonly name: string
  readonly enabled: boolean
  /** Fits the settings of the rule. */
  readonly settings: JsonObject
  /** Ids of the sources or destinations that are watched. */
  readonly subjects: readonly string[]
  /** Ids of notifiers. */
  readonly notify: readonly string[]
  readonly forMs: number
  readonly reminderMs?: number
}

/** The settings of the workspace, group by group, as `settingsGroups` declares them. */
export type WorkspaceSettings = {
  readonly [G in keyof typeof settingsGroups]: Infer<(typeof settingsGroups)[G]>
}
