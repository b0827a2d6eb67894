import { everyFault } from '@millrace/testkit'
import type { Fault, FaultPlan, Random } from '@millrace/testkit'

/** So often does a request meet a fault, and does a burst of 500 begin. */
const SHARE = 0.12
const BURST_SHARE = 0.01
const LONGEST_BURST_MS = 800
/** What a refusal asks for: short, so that a drain with faults takes seconds. */
const RETRY_AFTER_MS = 1_000

export interface AllFaults {
  plan: FaultPlan
  /** How often each fault was met, by name. */
  played: Map<string, number>
}

/** Every fault of the model at once, by chance, and between them bursts in which everything is answered 500. */
export const allFaults = (random: Random): AllFaults => {
  const faults = everyFault.map(soon)
  const played = new Map<string, number>()
  let burstUntilMs = 0
  const choose: FaultPlan = ({ atMs }) => {
    if (atMs < burstUntilMs) return { kind: 'status', status: 500 }
    const chance = random.next()
    if (chance < BURST_SHARE) burstUntilMs = atMs + random.integer(LONGEST_BURST_MS)
    return chance < SHARE ? random.pick(faults) : undefined
  }
  return {
    played,
    plan: (request) => {
      const fault = choose(request)
      if (fault !== undefined) played.set(nameOf(fault), (played.get(nameOf(fault)) ?? 0) + 1)
      return fault
    },
  }
}

/** The name of every fault, as `played` has it. */
export const faultNames = (): string[] => [...new Set(everyFault.map(nameOf))]

const soon = (fault: Fault): Fault =>
  fault.kind === 'status' && fault.retryAfter !== undefined
    ? { ...fault, retryAfter: { ...fault.retryAfter, ms: RETRY_AFTER_MS } }
    : fault

const nameOf = (fault: Fault): string => {
  if (fault.kind === 'hang') return fault.taken ? 'hang, taken' : 'hang, not taken'
  if (fault.kind !== 'status') return fault.kind
  return fault.retryAfter === undefined ? `${fault.status}` : `${fault.status}, ${fault.retryAfter.form}`
}
