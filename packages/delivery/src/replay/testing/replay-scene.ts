import type { ReplayStatus } from '@millrace/protocol'
import type { StateStore } from '@millrace/storage'
import { systemClock } from '../../clock.ts'
import type { DestinationConfig } from '../../destination-config.ts'
import type { DestinationRunner } from '../../destination-runner.ts'
import { configOf } from '../../testing/fake-destination.ts'
import type { FakeDestination } from '../../testing/fake-destination.ts'
import { receivedAtMs, until } from '../../testing/scene.ts'
import type { Scene } from '../../testing/scene.ts'
import { startRunner } from '../../testing/start-runner.ts'
import { readReplays } from '../replay-account.ts'
import { ReplayService } from '../replay-service.ts'
import type { ReplayOrder } from '../replay-service.ts'

const iso = (ms: number): string => new Date(ms).toISOString()

/** Everything that the scene holds now, to `hook`. */
export const orderOf = async (scene: Scene, changes: Partial<ReplayOrder> = {}): Promise<ReplayOrder> => {
  const messages = scene.rows.filter(({ row }) => row.rejected !== true && row.duplicate !== true).length
  return {
    destination: 'hook',
    fromTime: iso(receivedAtMs),
    toTime: iso(receivedAtMs + 1),
    from: { block: 0, index: 0 },
    end: { block: await scene.log.head(), index: 0 },
    filter: {},
    estimate: { messages, selected: messages, matching: messages, sampled: false, messagesPerSecond: 1, durationMs: 1 },
    ...changes,
  }
}

/** A live destination over a scene with the service of its replays. */
export const startReplays = async (
  scene: Scene,
  fake: FakeDestination,
  options: { config?: DestinationConfig; state?: StateStore; isBusy?: () => boolean } = {},
): Promise<{
  replays: ReplayService
  runner: DestinationRunner
  stop: () => Promise<void>
  stopLive: () => Promise<void>
}> => {
  const { config = configOf(), state = scene.state, isBusy } = options
  const { runner, feed, stop: stopLive } = await startRunner(scene, fake, { config, state })
  const replays = new ReplayService({
    state,
    feed,
    dataDirectory: '/nowhere',
    clock: systemClock,
    random: () => 0,
    warn: (message) => scene.warnings.push(message),
  })
  const { live, http } = runner.live
  const { destination } = fake
  await replays.attach({ config, workspaceVersion: 1, destination, http, live: isBusy ? { ...live, isBusy } : live })
  return {
    replays,
    runner,
    stopLive,
    stop: async () => {
      await replays.detach(config.id)
      await stopLive()
    },
  }
}

export const statusOf = async (scene: Scene, id: string): Promise<ReplayStatus> => {
  const status = (await readReplays(scene.state)).find((each) => each.id === id)
  if (status === undefined) throw new Error(`there is no ${id}`)
  return status
}

/** Waits until a replay is in a state. */
export const untilState = async (scene: Scene, id: string, state: ReplayStatus['state']): Promise<ReplayStatus> => {
  await until(async () => (await statusOf(scene, id)).state === state, `${id} to be ${state}`)
  return statusOf(scene, id)
}
