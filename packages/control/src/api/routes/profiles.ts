import type {
  IdentityCut,
  IdentityCutsAnswer,
  ProfileAnswer,
  ProfileLink,
  RulesTrialAnswer,
  RulesTrialExample,
} from '@millrace/protocol'
import { identitySettings } from '../../workspace/settings.ts'
import { count, flag, listOf, objectOf, optional, text, time } from '../json-schema-of.ts'
import { defineRoute, json } from '../route.ts'

const cutSchema = objectOf<IdentityCut>({
  id: text,
  a: text,
  b: text,
  from: optional(time),
  by: text,
  at: time,
  reason: optional(text),
})

const nowAndTried = objectOf<RulesTrialAnswer['profiles']>({ now: count, tried: count })

const identifierField = (label: string, example: string) =>
  ({
    type: 'string',
    label,
    description: 'An identifier, written as type:value.',
    example,
    required: true,
    minLength: 3,
    maxLength: 600,
  }) as const

export const profileRoutes = [
  defineRoute({
    method: 'GET',
    path: '/api/profiles/:identifier',
    summary:
      'One person by any identifier (type:value, or a value alone) or profile id: identifiers, and each link with its message.',
    access: 'token',
    answers: {
      'application/json': objectOf<ProfileAnswer>({
        profileId: text,
        name: text,
        identifiers: listOf(text),
        links: listOf(
          objectOf<ProfileLink>({
            a: text,
            b: text,
            at: time,
            messageId: text,
            explicit: flag,
            status: { type: 'string', enum: ['joined', 'refused', 'cut'] },
            reason: optional(text),
            because: optional(text),
          }),
        ),
      }),
    },
    handle: async ({ deps, params: { identifier = '' } }) => json(await deps.profile(identifier)),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/identity/try',
    summary:
      'What other rules would change: how many profiles would split or join, with examples. The body is `settings.identity` of a workspace.',
    access: 'token',
    body: identitySettings,
    answers: {
      'application/json': objectOf<RulesTrialAnswer>({
        profiles: nowAndTried,
        refusedLinks: nowAndTried,
        split: count,
        joined: count,
        examples: listOf(objectOf<RulesTrialExample>({ now: listOf(listOf(text)), tried: listOf(listOf(text)) })),
      }),
    },
    handle: async ({ deps, body }) => json(await deps.tryIdentityRules(body)),
  }),
  defineRoute({
    method: 'GET',
    path: '/api/identity/cuts',
    summary: 'Links between identifiers that were undone.',
    access: 'token',
    answers: { 'application/json': objectOf<IdentityCutsAnswer>({ cuts: listOf(cutSchema) }) },
    handle: async ({ deps }) => json({ cuts: await deps.identityCuts() }),
  }),
  defineRoute({
    method: 'POST',
    path: '/api/identity/cuts',
    summary:
      'Undo the link between two identifiers: no message that names both joins them again, until the cut is taken back.',
    access: 'token',
    body: {
      a: identifierField('One', 'userId:u1'),
      b: identifierField('The other', 'anonymousId:a1'),
      from: {
        type: 'datetime',
        label: 'From',
        description: 'Evidence from this time on does not count; without it, none does.',
        example: '2026-01-02T00:00:00.000Z',
      },
      by: { type: 'string', label: 'By', description: 'Who undoes it.', example: 'ada', default: 'an operator' },
      reason: {
        type: 'string',
        label: 'Reason',
        description: 'Why, for those who look at it later.',
        example: 'shared tablet',
      },
    },
    answers: { 'application/json': cutSchema },
    handle: async ({ deps, body }) => json(await deps.cutIdentity(body)),
  }),
  defineRoute({
    method: 'DELETE',
    path: '/api/identity/cuts/:id',
    summary: 'Take an undone link back: its evidence counts again.',
    access: 'token',
    answers: { 'application/json': cutSchema },
    handle: async ({ deps, params: { id = '' } }) => json(await deps.uncutIdentity(id)),
  }),
]
