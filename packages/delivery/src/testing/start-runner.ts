import type { StateStore } from '@millrace/storage'
import { consumerOf } from '../delivery-state.ts'
import { systemClock } from '../clock.ts'
import type { Clock } from '../clock.ts'
import type { DestinationConfig } from '../destination-config.ts'
import { DestinationRunner } from '../destination-runner.ts'
import type { ResolvedFeed } from '../resolved-feed.ts'
import { configOf, noHttp } from './fake-destination.ts'
import type { FakeDestination } from './fake-destination.ts'
import { Scene } from './scene.ts'
import type { TestRow } from './scene.ts'
import { Turns } from '../turns.ts'

/** Runs a destination over a scene, from where the last run's commit ended. */
export const startRunner = async (
  scene: Scene,
  fake: FakeDestination,
  options: {
    config?: DestinationConfig
    state?: StateStore
    feed?: ResolvedFeed
    workspaceVersion?: number
    clock?: Clock
    random?: () => number
    turns?: Turns
  } = {},
): Promise<{ runner: DestinationRunner; feed: ResolvedFeed; stop: () => Promise<void> }> => {
  const config = options.config ?? configOf()
  const feed = options.feed ?? scene.newFeed()
  const clock = options.clock ?? systemClock
  const runner = new DestinationRunner({
    config,
    destination: fake.destination,
    workspaceVersion: options.workspaceVersion ?? 1,
    feed,
    state: options.state ?? scene.state,
    cursor: (await scene.state.cursor(consumerOf(config.id))) ?? config.start,
    http: () => noHttp,
    dataDirectory: '/nowhere',
    clock,
    // No turn ends by time, so that it does not depend on the machine what is sent together.
    turns: options.turns ?? new Turns({ clock, preciseMs: () => 0 }),
    random: options.random ?? (() => 0),
    warn: (message) => scene.warnings.push(message),
  })
  runner.start()
  const stop = async (): Promise<void> => {
    await runner.stop()
    feed.close()
  }
  return { runner, feed, stop }
}

/** Rows of five people by turns, with ids from `m<from>` on. */
export const rowsOf = (count: number, from = 0): TestRow[] =>
  Array.from({ length: count }, (_, index) => ({ id: `m${from + index}`, person: `p${(from + index) % 5}` }))

/** A scene with these blocks and the account of `hook`. */
export const opened = async (...blocks: TestRow[][]): Promise<Scene> => {
  const scene = new Scene()
  await scene.openAccount('hook')
  await scene.add(...blocks)
  return scene
}
