/** Where a command writes. A stream of the process, or a list in a test. */
export interface Output {
  write(text: string): unknown
  isTTY?: boolean | undefined
  columns?: number | undefined
}

/** What a command knows of its process, given by `main.ts`; so that tests need none. */
export interface CliContext {
  env: { readonly [name: string]: string | undefined }
  cwd: string
  stdin: NodeJS.ReadableStream
  /** Results only. */
  stdout: Output
  /** Progress, notices and errors. */
  stderr: Output
  /** Aborted by Ctrl-C while a command follows something. */
  signal: AbortSignal
  /** The server's program: its entry module, run with this same Node. */
  serverMain: string
}
