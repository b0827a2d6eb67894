/** Crockford's base32, 26 characters, at most 2^128 − 1: the first is 0 to 7. Letters of either case. */
const form = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i

/** Documented: "a valid ULID used to deduplicate events". Any other id is kept and not used. */
export const isUlid = (text: string): boolean => form.test(text)
