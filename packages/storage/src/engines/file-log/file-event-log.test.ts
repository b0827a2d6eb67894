import { removeFolder, temporaryFolder, testEventLog } from '@millrace/testkit'
import { FileEventLog } from './file-event-log.ts'

interface Place {
  directory: string
  failures: Error[]
}

testEventLog<Place>('FileEventLog', {
  create: async () => ({ directory: await temporaryFolder(), failures: [] }),
  open: ({ directory, failures }) =>
    FileEventLog.open({
      directory,
      segmentBytes: 8 * 1024,
      sync: async (handle) => {
        const failure = failures.shift()
        if (failure !== undefined) throw failure
        await handle.datasync()
      },
    }),
  remove: ({ directory }) => removeFolder(directory),
  survivesRestart: true,
  failNextAppend: ({ failures }) => failures.push(new Error('EIO: i/o error, fdatasync')),
  readerProgram: {
    program: new URL('./testing/read-log.ts', import.meta.url),
    argument: ({ directory }) => directory,
  },
})
