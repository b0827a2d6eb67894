/**
 * Reads a document by the file's extension: `.json`, `.yaml`/`.yml`, or the default export of `.ts`, `.mts`, `.js`, `.mjs`.
 * What it gives is not checked yet.
 * @throws {MillraceError} `invalid_workspace` with file, line and column when it cannot be read.
 */
export async function readWorkspaceFile(path: string): Promise<unknown> {
  throw new Error(`not built yet: ${path}`)
}
