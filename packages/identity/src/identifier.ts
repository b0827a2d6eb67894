/** Something that names a person: `{ type: 'userId', value: 'u1' }`. Types are `userId`, `anonymousId`, `email`, … or custom. */
export interface Identifier {
  readonly type: string
  readonly value: string
}

/** An identifier as one text, `type:value`: how people write it, and the key of every map here. Types hold no colon. */
export type IdentifierName = string

export const nameOf = ({ type, value }: Identifier): IdentifierName => `${type}:${value}`

/** Takes a name apart. Throws for a text without a type, because that is a mistake of the caller. */
export const identifierOf = (name: IdentifierName): Identifier => {
  const colon = name.indexOf(':')
  if (colon < 1) throw new RangeError(`"${name}" is not an identifier: write it as type:value, for example userId:u1`)
  return { type: name.slice(0, colon), value: name.slice(colon + 1) }
}

/** The type within a name, without making an object. */
export const typeOf = (name: IdentifierName): string => name.slice(0, name.indexOf(':'))
