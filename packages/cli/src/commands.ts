import type { Command } from './command.ts'
import { alerts } from './commands/alerts.ts'
import { apply } from './commands/apply.ts'
import { compare } from './commands/compare.ts'
import { dead } from './commands/dead.ts'
import { destinations } from './commands/destinations.ts'
import { identity } from './commands/identity.ts'
import { ledger } from './commands/ledger.ts'
import { pause, resume } from './commands/pause.ts'
import { preview } from './commands/preview.ts'
import { replay } from './commands/replay.ts'
import { redrive } from './commands/redrive.ts'
import { schema } from './commands/schema.ts'
import { send } from './commands/send.ts'
import { shadow } from './commands/shadow.ts'
import { snippet } from './commands/snippet.ts'
import { sql } from './commands/sql.ts'
import { start } from './commands/start.ts'
import { tail } from './commands/tail.ts'
import { trace } from './commands/trace.ts'
import { validate } from './commands/validate.ts'
import { violations } from './commands/violations.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  start,
  validate,
  apply,
  schema,
  snippet,
  send,
  tail,
  trace,
  identity,
  violations,
  ledger,
  destinations,
  pause,
  resume,
  dead,
  replay,
  redrive,
  alerts,
  preview,
  shadow,
  compare,
  sql,
]
