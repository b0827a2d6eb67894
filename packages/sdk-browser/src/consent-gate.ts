/** Categories as the consent tool of the site names them, and whether the person agreed to each. */
export interface Consent {
  [category: string]: boolean
}

export interface ConsentSettings {
  /** What was decided before this page, if it was. */
  preferences?: Consent
  /** Categories that all must be agreed to, or nothing is sent. Default: any one is enough. */
  required?: readonly string[]
  /** Calls before the decision: kept in memory until it comes (default), dropped, or made as if it were agreed. */
  undecided?: 'hold' | 'drop' | 'send'
}

/** Whether calls are made, kept or dropped at the moment. */
export type Gate = 'open' | 'held' | 'shut'

export const gateOf = (settings: ConsentSettings | undefined, consent: Consent | undefined): Gate => {
  if (settings === undefined) return 'open'
  if (consent === undefined)
    return settings.undecided === 'send' ? 'open' : settings.undecided === 'drop' ? 'shut' : 'held'
  const agreed = settings.required
    ? settings.required.every((category) => consent[category])
    : Object.values(consent).some(Boolean)
  return agreed ? 'open' : 'shut'
}
