/** The part of ua-parser-js 1 (which brings no types) that is used here. */
declare module 'ua-parser-js' {
  interface NameAndVersion {
    name?: string
    version?: string
  }
  export class UAParser {
    constructor(userAgent: string)
    getBrowser(): NameAndVersion
    getOS(): NameAndVersion
    getDevice(): { type?: string }
  }
}
