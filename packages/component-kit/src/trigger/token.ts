interface Position {
  /** Index of the first character in the trigger's text. */
  position: number
  /** The token as written. */
  text: string
}

export type Token = Position &
  (
    | { kind: 'path'; segments: readonly string[] }
    | { kind: 'string'; value: string }
    | { kind: 'number'; value: number }
    | { kind: 'symbol' }
    | { kind: 'end' }
  )
