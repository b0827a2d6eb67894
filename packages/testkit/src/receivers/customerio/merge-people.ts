import type { AnonymousActivity } from './anonymous-activity.ts'
import type { People } from './people.ts'
import { removes, type Profile } from './person.ts'

/**
 * Merges the secondary person into the primary one and deletes the secondary. Documented: the primary keeps what it has
 * and takes over attributes that it lacks or that are empty, relationships that it lacks, and the events. The real one
 * moves events older than 30 days within the hour; here all move at once. Devices and free identifiers move too: assumed.
 */
export function mergePeople(people: People, anonymous: AnonymousActivity, primary: Profile, secondary: Profile): void {
  const { id, email } = secondary
  people.remove(secondary)
  for (const [name, attribute] of secondary.attributes) {
    if (removes(primary.attributes.get(name)?.value ?? null)) primary.attributes.set(name, attribute)
  }
  if (primary.id === undefined && id !== undefined) people.setId(primary, id)
  if (primary.email === undefined) people.setEmail(primary, email)
  primary.events.push(...secondary.events)
  for (const [token, device] of secondary.devices) primary.devices.set(token, device)
  for (const [key, relationship] of secondary.relationships) {
    if (!primary.relationships.has(key)) primary.relationships.set(key, relationship)
  }
  anonymous.moveClaims(secondary, primary)
}
