import type { Random } from '../random.ts'
import { everyFault } from './fault.ts'
import type { Fault, FaultPlan } from './fault.ts'

/** What a refusal asks for: short, so that a drain with faults takes seconds. */
const RETRY_AFTER_MS = 1_000

export interface AllFaultsOptions {
  random: Random
  /** So often does a request meet a fault, 0 to 1. Default 0.12. */
  share?: number
  /** How often a burst begins in which everything is answered 500, in bursts a request. Default 0.01. */
  burstShare?: number
  /** Default 800. */
  longestBurstMs?: number
}

export interface AllFaults {
  plan: FaultPlan
  /** How often each fault was met, by name. */
  played: Map<string, number>
}

/** Every fault of the model at once, by chance, and between them bursts in which everything is answered 500. */
export const allFaults = ({
  random,
  share = 0.12,
  burstShare = 0.01,
  longestBurstMs = 800,
}: AllFaultsOptions): AllFaults => {
  const faults = everyFault.map(soon)
  const played = new Map<string, number>()
  let burstUntilMs = 0
  const choose: FaultPlan = ({ atMs }) => {
    if (atMs < burstUntilMs) return { kind: 'status', status: 500 }
    const chance = random.next()
    if (chance < burstShare) burstUntilMs = atMs + random.integer(longestBurstMs)
    return chance < share ? random.pick(faults) : undefined
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
