/** One person, as identity has it now. */
export interface ProfileAnswer {
  /** Its id today; former ids lead to the same answer. */
  profileId: string
  /** The identifier that the profile is called after, as `type:value`. */
  name: string
  /** All identifiers that belong to it, the best first. */
  identifiers: string[]
  /** What its identifiers were seen with, the earliest first: joined, refused and cut. */
  links: ProfileLink[]
}

/** That two identifiers were seen together, and what followed from it. */
export interface ProfileLink {
  a: string
  b: string
  /** The identity time of the earliest evidence, and the message that brought it. */
  at: string
  messageId: string
  /** Somebody said so, by an alias. */
  explicit: boolean
  status: 'joined' | 'refused' | 'cut'
  /** Why it was refused. */
  reason?: 'limit' | 'hub' | 'blocked_value' | 'too_many_identifiers' | 'too_many_merges'
  /** Of a limit the type; of a hub or blocked value the identifier. */
  because?: string
}

/** A link that somebody undid. */
export interface IdentityCut {
  /** Names the pair. */
  id: string
  /** The two identifiers, in the order of their texts. */
  a: string
  b: string
  /** Evidence from this time on does not count; absent: none does. */
  from?: string
  by: string
  at: string
  reason?: string
}

/** What other rules would change; nothing was changed. */
export interface RulesTrialAnswer {
  /** People of two identifiers and more. */
  profiles: { now: number; tried: number }
  refusedLinks: { now: number; tried: number }
  /** Profiles of now whose identifiers would not be together any more. */
  split: number
  /** Profiles under the rules tried that are more than one now. */
  joined: number
  examples: RulesTrialExample[]
}

export interface RulesTrialExample {
  /** The identifiers of each profile that is concerned, one alone included. */
  now: string[][]
  tried: string[][]
}

export interface IdentityCutsAnswer {
  cuts: IdentityCut[]
}
