/** For tests: reads the log in the given folder on request, in a process of its own. */
import { answerLogReads } from '@millrace/testkit'
import { FileLogReader } from '../file-log-reader.ts'

await answerLogReads(await FileLogReader.open(process.argv[2] as string))
