/**
 * A text as a literal of JavaScript, in single quotes where that needs no escape. Safe within a `<script>`, which would
 * end at `</script` even in a text.
 */
export const quoteJs = (text: string): string => (isPlain(text) ? `'${text}'` : quoteDouble(text))

/** A text as a literal of Python, Go and JSON, which share what JSON escapes. */
export const quoteDouble = (text: string): string => JSON.stringify(text).replaceAll('<', String.raw`\u003c`)

/** A text as one word of a shell. */
export const quoteShell = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`

const isPlain = (text: string): boolean => /^[^'\\<\p{Cc}]*$/u.test(text)
