import type { Json, JsonObject } from '@millrace/protocol'
import { isJsonObject } from '@millrace/protocol'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../structure/source-files.ts'

/** Where the examples are: those that the protocol's own tests use, and two that only the whole way in tells apart. */
const folders = [join(root, 'packages/protocol/src/fixtures/examples'), join(root, 'tests/customerio/more-examples')]

export interface Example {
  file: string
  messages: readonly JsonObject[]
  /** As a client sends it to `/v1/batch`: a batch as it is, else the messages in one. */
  body: JsonObject
}

/** All examples of the event specification, in the order of their numbers. */
export const examples: readonly Example[] = folders
  .flatMap((folder) => readdirSync(folder).map((file) => ({ file, path: join(folder, file) })))
  .sort((a, b) => (a.file < b.file ? -1 : 1))
  .map(({ file, path }) => {
    const content = JSON.parse(readFileSync(path, 'utf8')) as Json
    const batch = isJsonObject(content) ? (content['batch'] ?? [content]) : content
    const { writeKey: _, ...body } = isJsonObject(content) && 'batch' in content ? content : { batch }
    return { file, messages: batch as JsonObject[], body }
  })
