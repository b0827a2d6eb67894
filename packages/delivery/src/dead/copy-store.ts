import type { DeadLetterCopy, DeadLetterDetail } from '@millrace/protocol'
import type { Cursor, Key, StateReader, StateStore, StateTransaction } from '@millrace/storage'
import { decodeDeadLetter, deliveryState, encodeJson } from '../delivery-state.ts'
import { decodeCopy } from './dead-copy.ts'

/**
 * Copies of dead messages stand beside their letters, in the space `deadCopies` under the key of the letter, so that letters can be listed and
 * grouped without reading them. A letter with a copy says its size in `copyBytes`; copy, size and the two counters are written in one
 * transaction. A copy goes when its time is over, or with its letter; the letter itself stays, for it is part of the account.
 *
 * Whoever changes letters of a destination that runs must do so between its commits (`DestinationRunner.exclusively`), or a letter that was
 * settled meanwhile would come back.
 */
const PAGE = 100

const countersOf = (destination: string): { copies: string; bytes: string } => ({
  // No destination has this id, so the account's counters are nobody else's.
  copies: `copies~/${destination}/copies`,
  bytes: `copies~/${destination}/bytes`,
})

/** How many copies are stored. */
export const keptCopies = async (
  state: StateReader,
  destination: string,
): Promise<{ copies: number; bytes: number }> => {
  const names = countersOf(destination)
  const counters = await state.counters(`copies~/${destination}/`)
  return { copies: counters.get(names.copies) ?? 0, bytes: counters.get(names.bytes) ?? 0 }
}

/** Where a letter and its copy stand. */
export const letterKey = (destination: string, { block, index }: Cursor, action: string): Key => [
  destination,
  block,
  index,
  action,
]

/** Stores the copy of a letter that says `copyBytes: copy.length`, where there is none yet. */
export const putCopy = (tx: StateTransaction, key: Key, copy: Uint8Array): void => {
  const { copies, bytes } = countersOf(key[0] as string)
  tx.put(deliveryState.deadCopies, key, copy)
  tx.add(copies, 1)
  tx.add(bytes, copy.length)
}

/** Removes the copy of a letter, if it has one. */
export const forgetCopy = (tx: StateTransaction, key: Key, { copyBytes }: { copyBytes?: number | undefined }): void => {
  if (copyBytes === undefined) return
  const { copies, bytes } = countersOf(key[0] as string)
  tx.delete(deliveryState.deadCopies, key)
  tx.add(copies, -1)
  tx.add(bytes, -copyBytes)
}

export const readCopy = async (state: StateReader, key: Key): Promise<DeadLetterCopy | undefined> => {
  const stored = await state.get(deliveryState.deadCopies, key)
  return stored && decodeCopy(stored)
}

/** One dead letter with its copy; undefined when there is no such letter (any more). */
export const readDeadLetter = async (
  state: StateReader,
  destination: string,
  place: Cursor,
  action: string,
): Promise<Omit<DeadLetterDetail, 'id' | 'position'> | undefined> => {
  const key = letterKey(destination, place, action)
  const stored = await state.get(deliveryState.dead, key)
  if (stored === undefined) return undefined
  const { copyBytes, key: _key, kind: _kind, ...letter } = decodeDeadLetter(stored)
  const copy = copyBytes === undefined ? undefined : await readCopy(state, key)
  return { ...letter, ...(copy && { copy }) }
}

/**
 * Looks at one page of letters and removes the copies of those that died before a time.
 * @param after Where the last page ended; undefined for the first.
 * @returns What was removed, and where to go on; `next` is undefined when that was the last page.
 */
export const pruneCopies = async (
  state: StateStore,
  destination: string,
  before: string,
  after: Key | undefined,
): Promise<{ copies: number; bytes: number; next: Key | undefined }> => {
  const page = await state.scan(deliveryState.dead, {
    prefix: [destination],
    limit: 1000,
    ...(after && { from: [...after, 0] }),
  })
  const old = page
    .map(({ key, value }) => ({ key, letter: decodeDeadLetter(value) }))
    .filter(({ letter: { at, copyBytes } }) => copyBytes !== undefined && at < before)
  if (old.length > 0) {
    await state.transaction((tx) => {
      for (const { key, letter } of old) {
        forgetCopy(tx, key, letter)
        const { copyBytes: _, ...rest } = letter
        tx.put(deliveryState.dead, key, encodeJson(rest))
      }
    })
  }
  const bytes = old.reduce((sum, { letter }) => sum + (letter.copyBytes ?? 0), 0)
  return { copies: old.length, bytes, next: page.length < 1000 ? undefined : page.at(-1)?.key }
}

/**
 * Moves all copies of a destination to another id, before its letters follow. In pages, for they may be large; a crash on the way is repaired
 * by doing it again. The destination must not run.
 */
export const moveCopies = (state: StateStore, from: string, to: string): Promise<void> =>
  eachPage(state, from, (tx, key, value) => {
    forgetCopy(tx, key, { copyBytes: value.length })
    putCopy(tx, [to, ...key.slice(1)], value)
  })

/** Removes all copies of a destination that is no longer in the workspace: it cannot be sent anything again. It must not run. */
export const dropCopies = (state: StateStore, destination: string): Promise<void> =>
  eachPage(state, destination, (tx, key, value) => forgetCopy(tx, key, { copyBytes: value.length }))

/** Each copy is taken away by `change`, so the first page is always the next one. */
const eachPage = async (
  state: StateStore,
  destination: string,
  change: (tx: StateTransaction, key: Key, value: Uint8Array) => void,
): Promise<void> => {
  for (;;) {
    const page = await state.scan(deliveryState.deadCopies, { prefix: [destination], limit: PAGE })
    if (page.length === 0) return
    await state.transaction((tx) => {
      for (const { key, value } of page) change(tx, key, value)
    })
  }
}
