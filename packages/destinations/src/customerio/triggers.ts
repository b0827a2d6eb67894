/**
 * Which track messages are no plain events: they change devices, objects, people and deliveries. The names are those of
 * Customer.io's documentation; "Delete Person" and "Group Deleted" are its other names for the event before them. Those of
 * applications are standard events: every spelling of them counts.
 */
export const specialEvents = {
  deviceUpdated: ['Application Installed', 'Application Opened', 'Device Created or Updated'],
  deviceDeleted: ['Application Uninstalled', 'Device Deleted'],
  objectDeleted: ['Object Deleted', 'Group Deleted'],
  relationshipDeleted: ['Relationship Deleted'],
  personDeleted: ['User Deleted', 'Delete Person'],
  personSuppressed: ['User Suppressed'],
  personUnsuppressed: ['User Unsuppressed'],
  deliveryReported: ['Report Delivery Event'],
  contentReported: ['Report Content Event'],
} as const

/** The trigger for track messages with one of these names. */
export function onEvents(names: readonly string[]): string {
  const tests = names.map((name) => `standard.event = "${name}"`).join(' or ')
  return `type = "track" and ${names.length === 1 ? tests : `(${tests})`}`
}

/** The trigger for all other track messages. */
export const onPlainEvents = [
  'type = "track"',
  ...Object.values(specialEvents).flatMap((names) => names.map((name) => `standard.event != "${name}"`)),
].join(' and ')
