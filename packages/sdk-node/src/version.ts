/** Of this package, as messages and requests tell it; a test compares it with package.json. */
export const version = '0.1.0'
