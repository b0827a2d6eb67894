/** ISO 8601: a calendar date, optionally a time to any fraction of a second, optionally an offset (default: UTC). */
const pattern =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,6})\d*)?)?(?:[Zz]|([+-])(\d\d):?(\d\d)?)?)?$/
const hyphen = 45
const daysInMonth = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

const isDay = (year: number, month: number, day: number): boolean => {
  const last = daysInMonth[month - 1]
  if (last === undefined || day < 1) return false
  return day <= (month === 2 && isLeap(year) ? 29 : last)
}

/** Days from 1970-01-01; Date.UTC cannot be used because it moves the years 0-99 to 1900-1999. */
const epochDay = (year: number, month: number, day: number): number => {
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468
}

/** Most messages say the same time four times in a row. */
let lastText = ''
let lastMicros: bigint | undefined

/**
 * Microseconds since 1970 of an ISO 8601 date or date and time within the years 0001-9999 (contract, item 16);
 * undefined for any other string. Finer fractions than a microsecond are cut.
 */
export const microsecondsOf = (text: string): bigint | undefined => {
  // Most strings are no dates: two comparisons spare them the pattern.
  if (text.length < 10 || text.charCodeAt(4) !== hyphen || text.charCodeAt(7) !== hyphen) return undefined
  if (text !== lastText) {
    lastMicros = parse(text)
    lastText = text
  }
  return lastMicros
}

const parse = (text: string): bigint | undefined => {
  const match = pattern.exec(text)
  if (match === null) return undefined
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])]
  const [hour, minute, second] = [Number(match[4] ?? 0), Number(match[5] ?? 0), Number(match[6] ?? 0)]
  if (year === 0 || !isDay(year, month, day) || hour > 23 || minute > 59 || second > 59) return undefined
  const [offsetHours, offsetMinutes] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  if (offsetHours > 23 || offsetMinutes > 59) return undefined
  const offset = (offsetHours * 60 + offsetMinutes) * (match[8] === '-' ? -60 : 60)
  const seconds = epochDay(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset
  return BigInt(seconds) * 1_000_000n + BigInt((match[7] ?? '').padEnd(6, '0'))
}
