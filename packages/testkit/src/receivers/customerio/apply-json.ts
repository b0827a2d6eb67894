import type { JsonObject } from '@millrace/protocol'
import assert from 'node:assert/strict'
import { readOperation } from './read-operation.ts'
import type { CustomerIoWorkspace } from './workspace.ts'

/** Applies an operation as it is sent. For the tests of this folder; fails when its form is refused. */
export function applyJson(workspace: CustomerIoWorkspace, json: JsonObject, nowMs = 0): void {
  const read = readOperation(json)
  assert.ok('operation' in read, JSON.stringify(read))
  workspace.apply(read.operation, nowMs)
}

/** An identify operation: one identifier, and attributes. */
export const identify = (identifiers: JsonObject, attributes: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  type: 'person',
  action: 'identify',
  identifiers,
  attributes,
  ...more,
})

/** An event, which happened at its `timestamp` in seconds. */
export const event = (identifiers: JsonObject, name: string, more: JsonObject = {}): JsonObject => ({
  type: 'person',
  action: 'event',
  identifiers,
  name,
  ...more,
})
