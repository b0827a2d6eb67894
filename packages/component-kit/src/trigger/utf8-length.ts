/** The number of bytes of a text in UTF-8, without encoding it. A lone surrogate counts as U+FFFD: three bytes. */
export function utf8Length(text: string): number {
  let bytes = 0
  for (let index = 0; index < text.length; index += 1) {
    const codePoint = text.codePointAt(index) ?? 0
    if (codePoint < 0x80) bytes += 1
    else if (codePoint < 0x8_00) bytes += 2
    else if (codePoint <= 0xff_ff) bytes += 3
    else {
      bytes += 4
      index += 1
    }
  }
  return bytes
}
