import type { Preview, PreviewedAction, PreviewedRequest, ShadowReport, ShadowSample } from '@millrace/protocol'
import { anyObject, anything, count, flag, listOf, objectOf, optional, text } from './json-schema-of.ts'

/** The JSON Schemas of the shapes in the protocol's `preview.ts`. */

export const previewSchema = objectOf<Preview>({
  messageId: text,
  outcome: { enum: ['matched', 'filtered', 'invalid'] },
  reason: optional(text),
  actions: listOf(
    objectOf<PreviewedAction>({
      name: text,
      action: text,
      trigger: text,
      matched: flag,
      fields: optional(anyObject),
      requests: optional(
        listOf(
          objectOf<PreviewedRequest>({
            method: text,
            url: text,
            headers: { type: 'object', additionalProperties: text },
            body: optional(anything),
          }),
        ),
      ),
      problems: optional(listOf(objectOf<{ path: string; message: string }>({ path: text, message: text }))),
    }),
  ),
})

const kinds: readonly ShadowSample['kind'][] = ['changed', 'newlyMatched', 'newlyFiltered', 'newlyFailing', 'repaired']

export const shadowSchema = objectOf<ShadowReport>({
  messages: count,
  unchanged: count,
  changed: count,
  newlyMatched: count,
  newlyFiltered: count,
  newlyFailing: count,
  repaired: count,
  samples: listOf(
    objectOf<ShadowSample>({
      kind: { enum: [...kinds] },
      messageId: text,
      before: previewSchema,
      after: previewSchema,
    }),
  ),
})
