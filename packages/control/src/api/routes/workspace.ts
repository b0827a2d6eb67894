import { defineFields } from '@millrace/component-kit'
import { MillraceError } from '@millrace/protocol'
import type { JsonObject, WorkspaceVersionSummary } from '@millrace/protocol'
import type { ApplyPlan } from '../../versions/apply-plan.ts'
import type { Applied, ApplyOptions, WorkspaceVersions } from '../../versions/workspace-versions.ts'
import { workspaceSchema } from '../../workspace/workspace-schema.ts'
import { versionSchema } from '../answer-schemas.ts'
import { anyObject, count, flag, listOf, objectOf, optional, text, time } from '../json-schema-of.ts'
import { defineRoute, json } from '../route.ts'
import { limitField } from './common-fields.ts'

const maxDocumentBytes = 4 * 1024 * 1024

const applyFields = defineFields({
  by: { type: 'string', label: 'By', description: 'Who, for the history.', example: 'ann', default: 'api' },
  confirm: {
    type: 'string',
    many: true,
    label: 'Confirm',
    description: 'Ids of destinations that may be removed although messages wait for them; those become dead.',
    example: ['hook'],
    default: [],
  },
  ifVersion: {
    type: 'integer',
    label: 'If version',
    description: 'Refuse with 409 unless this version is in force. 0 stands for none.',
    example: 3,
    minimum: 0,
  },
})

const documentFields = defineFields({
  document: {
    type: 'any',
    label: 'Document',
    description: 'The workspace. A masked secret keeps the stored one.',
    example: { sources: { web: { type: 'http', writeKeys: ['wk_web'] } } },
    required: true,
  },
})

interface Effect {
  version: number
  added: readonly string[]
  changed: readonly string[]
  removed: readonly { id: string; backlog: number }[]
  renamed: readonly { from: string; to: string }[]
}

const effectOf = ({ version, added, changed, removed, renamed }: ApplyPlan): Effect => ({
  version,
  added: added.map(({ id }) => id),
  changed,
  removed,
  renamed,
})

const effectSchemas = {
  version: count,
  added: listOf(text),
  changed: listOf(text),
  removed: listOf(objectOf<Effect['removed'][number]>({ id: text, backlog: count })),
  renamed: listOf(objectOf<Effect['renamed'][number]>({ from: text, to: text })),
}

const appliedAnswer = {
  'application/json': objectOf<Effect & { applied: boolean }>({ applied: flag, ...effectSchemas }),
}

const applied = ({ active, plan }: Applied) => {
  const none: Effect = { version: active.version, added: [], changed: [], removed: [], renamed: [] }
  return json({ applied: plan !== undefined, ...(plan === undefined ? none : effectOf(plan)) })
}

const stateOf = ({ active, mode }: WorkspaceVersions) => ({
  mode,
  version: active?.version ?? 0,
  ...(active !== undefined && { at: active.at, by: active.by }),
  document: active?.document ?? {},
  schema: '/api/workspace/schema',
})

export const workspaceRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/workspace',
    summary: 'The workspace in force, secrets masked.',
    access: 'token',
    answers: {
      'application/json': objectOf<ReturnType<typeof stateOf>>({
        mode: { enum: ['store', 'file'] },
        version: count,
        at: optional(time),
        by: optional(text),
        document: anyObject,
        schema: text,
      }),
    },
    handle: async ({ deps }) => json(stateOf(deps.versions)),
  }),
  defineRoute({
    method: 'PUT',
    path: '/api/workspace',
    summary: 'Apply a workspace: it becomes the next version, or is refused whole.',
    access: 'token',
    body: { ...documentFields, ...applyFields },
    maxBodyBytes: maxDocumentBytes,
    answers: appliedAnswer,
    handle: async ({ deps, body: { document, ...options } }) => applied(await deps.versions.apply(document, options)),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/workspace/validate',
    summary: 'What applying a workspace would do, without doing it.',
    access: 'token',
    body: documentFields,
    maxBodyBytes: maxDocumentBytes,
    answers: {
      'application/json': objectOf<Effect & { changes: WorkspaceVersionSummary['changes']; confirm: string[] }>({
        ...effectSchemas,
        changes: (versionSchema.properties as { changes: JsonObject }).changes,
        confirm: listOf(text),
      }),
    },
    handle: async ({ deps, body }) => {
      const { plan, changes } = await deps.versions.preview(body.document)
      const confirm = plan.removed.filter(({ backlog }) => backlog > 0).map(({ id }) => id)
      return json({ ...effectOf(plan), changes, confirm })
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/workspace/reload',
    summary: 'Read the configuration file again and apply it.',
    access: 'token',
    body: applyFields,
    answers: appliedAnswer,
    handle: async ({ deps, body }) => applied(await deps.versions.reload(body)),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/workspace/versions',
    summary: 'The versions of the workspace, the newest first, each with who, when and what changed.',
    access: 'token',
    query: {
      limit: limitField,
      before: {
        type: 'integer',
        label: 'Before',
        description: 'Only older versions than this.',
        example: 12,
        minimum: 0,
      },
    },
    answers: {
      'application/json': objectOf<{ versions: WorkspaceVersionSummary[] }>({ versions: listOf(versionSchema) }),
    },
    handle: async ({ deps, query }) => json({ versions: await deps.versions.list(query) }),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/workspace/versions/:version',
    summary: 'The document of a version, secrets masked.',
    access: 'token',
    answers: {
      'application/json': objectOf<{ version: number; document: JsonObject }>({ version: count, document: anyObject }),
    },
    handle: async ({ deps, params }) => {
      const version = versionIn(params)
      return json({ version, document: await deps.versions.document(version) })
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/api/workspace/versions/:version/restore',
    summary: 'Apply the document of an earlier version as a new one.',
    access: 'token',
    body: applyFields,
    answers: appliedAnswer,
    handle: async ({ deps, params, body }) =>
      applied(await deps.versions.restore(versionIn(params), body satisfies ApplyOptions)),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/workspace/schema',
    summary: 'The JSON Schema of the workspace document.',
    access: 'token',
    answers: { 'application/schema+json': anyObject },
    handle: async ({ deps }) => ({
      kind: 'text',
      contentType: 'application/schema+json',
      value: JSON.stringify(workspaceSchema(deps.registry)),
    }),
  }),
]

function versionIn({ version = '' }: { readonly [name: string]: string }): number {
  if (/^\d{1,15}$/.test(version)) return Number(version)
  throw new MillraceError('not_found', `${JSON.stringify(version)} is no version; versions are whole numbers.`)
}
