import { describe } from 'node:test'
import type { StateStoreDriver } from './state-store-driver.ts'
import { testScanning } from './state-store-scan.ts'
import { testSharing } from './state-store-share.ts'
import { testTransactions } from './state-store-transaction.ts'

/**
 * What every `StateStore` must do. An engine's test file calls this once.
 * @example
 * testStateStore('MyStateStore', { create: temporaryFile, open: (path) => MyStateStore.open(path), … })
 */
export const testStateStore = <Place>(name: string, driver: StateStoreDriver<Place>): void => {
  describe(`${name} as a StateStore`, () => {
    testTransactions(driver)
    testScanning(driver)
    testSharing(driver)
  })
}
