import { describe } from 'node:test'
import { testAppending } from './event-log-append.ts'
import type { EventLogDriver } from './event-log-driver.ts'
import { testReading } from './event-log-read.ts'
import { testTruncating } from './event-log-truncate.ts'

/**
 * What every `EventLog` must do. An engine's test file calls this once.
 * @example
 * testEventLog('MyEventLog', { create: temporaryFolder, open: (folder) => MyEventLog.open(folder), … })
 */
export const testEventLog = <Place>(name: string, driver: EventLogDriver<Place>): void => {
  describe(`${name} as an EventLog`, () => {
    testAppending(driver)
    testReading(driver)
    testTruncating(driver)
  })
}
