/** Rows of texts as aligned columns; the last column is not filled up. */
export function columns(rows: readonly (readonly string[])[], alignRight: readonly boolean[] = []): string {
  const widths: number[] = []
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, widthOf(cell))
  }
  return rows
    .map((row) =>
      row
        .map((cell, index) => {
          const fill = ' '.repeat((widths[index] ?? 0) - widthOf(cell))
          if (alignRight[index] === true) return fill + cell
          return index === row.length - 1 ? cell : cell + fill
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** A table with a head and a line below it. Columns that hold only numbers stand on the right. */
export function table(head: readonly string[], rows: readonly (readonly unknown[])[]): string {
  const alignRight = head.map(
    (_name, index) => rows.length > 0 && rows.every((row) => row[index] === null || typeof row[index] === 'number'),
  )
  const cells = rows.map((row) => row.map((value) => cellOf(value)))
  const widths = head.map((name, index) =>
    Math.max(widthOf(printable(name)), ...cells.map((row) => widthOf(row[index] ?? ''))),
  )
  const rule = widths.map((width) => '─'.repeat(width))
  return columns([head.map((name) => printable(name)), rule, ...cells], alignRight)
}

const cellOf = (value: unknown): string =>
  value === null || value === undefined ? '' : printable(typeof value === 'string' ? value : JSON.stringify(value))

// Characters, not columns of the terminal: East Asian text may stand crooked, but nothing is cut.
const characters = new Intl.Segmenter('en')
// Nearly all cells are ASCII, where the length is the width and no segmenting is needed.
const widthOf = (text: string): number => (/^[ -~]*$/.test(text) ? text.length : [...characters.segment(text)].length)

/** Text of a stranger, safe for a terminal: control characters (escape sequences, line breaks) are shown, not obeyed. */
export const printable = (text: string): string =>
  // eslint-disable-next-line no-control-regex -- exactly these are meant
  text.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  })
