/** Of this package, as messages say it; a test holds it to package.json. */
export const version = '0.1.0'
