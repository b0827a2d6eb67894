import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { assertAccounted } from './assert-accounted.ts'
import type { Call } from './calls.ts'
import { startClientRig } from './client-rig.ts'
import type { ClientRig } from './client-rig.ts'
import type { ClientSession, ClientUnderTest, SessionOptions } from './client-session.ts'
import { acknowledged, broken, kill, rateLimited, restart, times, unavailable } from './conditions.ts'

/** Another instance of the client, which is closed after the test. */
export type OpenSession = (options?: Partial<SessionOptions>) => Promise<ClientSession>

export interface ClientCase {
  name: string
  run: (rig: ClientRig, openSession: OpenSession) => Promise<void>
}

export interface ConditionOptions {
  /** Why there is nothing to run it with on this machine. */
  skip?: string | false
  /** Of the source, beside `wk_<source>`. */
  moreWriteKeys?: readonly string[]
}

/**
 * What every public client passes, unmodified, with its host set and nothing else: all its calls arrive when all is well,
 * when the server refuses for a while, and when it is killed and started again. `cases` are the client's own.
 */
export const testConditions = (
  client: ClientUnderTest,
  cases: readonly ClientCase[] = [],
  { skip = false, moreWriteKeys }: ConditionOptions = {},
): void => {
  describe(client.name, { timeout: 240_000, skip }, () => {
    let rig: ClientRig
    before(async () => {
      rig = await startClientRig(client.source, moreWriteKeys)
    })
    after(() => rig?.[Symbol.asyncDispose]())

    /** Each test has its own instance and sees only its own requests. */
    const withSession = async (use: (openSession: OpenSession) => Promise<void>) => {
      rig.proxy.forget()
      const open: ClientSession[] = []
      try {
        await use(async (options = {}) => {
          const session = await client.open({ proxy: rig.proxy, writeKey: rig.writeKey, ...options })
          open.push(session)
          return session
        })
      } finally {
        for (const session of open) await session.close()
      }
    }

    it('healthy: every call arrives as it was made', () =>
      withSession(async (openSession) => {
        const calls = client.calls(`${client.source}-healthy`)
        const failed = await (await openSession()).send(calls)
        assert.deepEqual(failed, [])
        await assertAccounted(rig, { calls })
      }))

    it(refusedTitle(client), () =>
      withSession(async (openSession) => {
        const refusals = [rateLimited(1), unavailable]
        rig.proxy.refuse(refusals)
        const calls = client.calls(`${client.source}-refused`)
        const failed = await (await openSession()).send(calls)
        assert.equal(rig.proxy.refusalsLeft, 0)
        const lost = client.retriesRefusals ? [] : calls.slice(0, refusals.length)
        assertSaid(failed, lost)
        await assertAccounted(rig, { calls, lost })
      }),
    )

    it(`refused ${client.attempts} ${client.attempts === 1 ? 'time' : 'times'}, it gives up, says so, and goes on with what comes next`, () =>
      withSession(async (openSession) => {
        const session = await openSession({ impatient: true })
        const [doomed, next] = ['doomed', 'next'].map((name) => client.oneCall?.(name) ?? oneTrack(client, name)) as [
          Call,
          Call,
        ]
        rig.proxy.refuse(times(client.attempts, unavailable))
        assertSaid(await session.send([doomed]), [doomed])
        assert.equal(rig.proxy.requests.length, client.attempts)
        assertSaid(await session.send([next]), [])
        await assertAccounted(rig, { calls: [doomed, next], lost: [doomed] })
      }))

    it(killedTitle(client), () =>
      withSession(async (openSession) => {
        const session = await openSession()
        const calls = client.calls(`${client.source}-killed`)
        const third = Math.ceil(calls.length / 3)
        const [earlier, meanwhile, later] = [
          calls.slice(0, third),
          calls.slice(third, 2 * third),
          calls.slice(2 * third),
        ] as const
        assertSaid(await session.send(earlier), [])
        await kill(rig)
        const sending = session.send(meanwhile)
        await (client.outlastsRestart ? broken(rig.proxy, 1) : sending)
        await restart(rig)
        const lost = client.outlastsRestart ? [] : meanwhile
        assertSaid(await sending, lost)
        assertSaid(await session.send(later), [])
        await assertAccounted(rig, { calls, lost, mayRepeat: true })
      }),
    )

    it('server killed before its answer arrives: what it had accepted arrives, whether the client tries again or not', () =>
      withSession(async (openSession) => {
        const session = await openSession()
        const call = client.oneCall?.('unanswered') ?? oneTrack(client, 'unanswered')
        const duplicatesBefore = await duplicatesOf(rig)
        const release = rig.proxy.holdAnswers()
        const sending = session.send([call])
        await acknowledged(rig.proxy, 1)
        await kill(rig)
        release('break')
        await (client.outlastsRestart ? broken(rig.proxy, 1) : sending)
        await restart(rig)
        assertSaid(await sending, client.outlastsRestart ? [] : [call])
        await assertAccounted(rig, { calls: [call], mayRepeat: true })
        assert.equal((await duplicatesOf(rig)) - duplicatesBefore, client.outlastsRestart ? 1 : 0)
      }))

    for (const { name, run } of cases) it(name, () => withSession((openSession) => run(rig, openSession)))
  })
}

/** Messages that were accepted again and taken out. */
const duplicatesOf = async ({ server, source }: ClientRig): Promise<number> =>
  (await server.api.ledger()).sources.find((each) => each.source === source)?.duplicate ?? 0

const refusedTitle = ({ retriesRefusals }: ClientUnderTest): string =>
  retriesRefusals
    ? '429 and 503 for a while: it tries again, and every call arrives once'
    : '429 and 503 for a while: it does not try again, so what was refused is lost, and nothing else'

const killedTitle = ({ outlastsRestart }: ClientUnderTest): string =>
  outlastsRestart
    ? 'server killed and restarted: it tries until the server is back, and every call arrives'
    : 'server killed and restarted: what it gave up meanwhile is lost, and nothing else'

const assertSaid = (failed: readonly string[], lost: readonly Call[]): void =>
  assert.deepEqual(
    [...failed].sort(),
    lost.map(({ parameters }) => parameters.messageId ?? '').sort(),
    'what the client said',
  )

/** One call of one message, of which all clients make one request. */
export const oneTrack = ({ source }: Pick<ClientUnderTest, 'source'>, name: string): Call => ({
  method: 'track',
  parameters: {
    userId: 'user-1',
    event: 'Counted',
    properties: { name },
    integrations: { All: true },
    messageId: `${source}-one-${name}`,
  },
  columns: { event: 'counted', name },
})
