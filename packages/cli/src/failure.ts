/** Wrong use of the command line: exit code 2, with a pointer to the help. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The command could not do its work: exit code 1. The message names the thing, the value and the remedy. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure'
}
