const GIB = 1024 ** 3
const MIB = 1024 ** 2

/** What is known of the disk that the log lies on. */
export interface DiskUse {
  logBytes: number
  freeBytes: number
  /** The size of the file system. */
  diskBytes: number
}

/**
 * How many bytes the log may take: what leaves a tenth of the file system free, at most 1 GiB, and less when the workspace says
 * so. A log that is smaller than what is to be left free is not to blame for a full disk, and may stay.
 */
export const diskQuotaOf = ({ logBytes, freeBytes, diskBytes }: DiskUse, diskQuotaBytes?: number): number => {
  const reserve = Math.min(diskBytes / 10, GIB)
  const room = Math.max(reserve, logBytes + freeBytes - reserve)
  return Math.floor(Math.min(room, diskQuotaBytes ?? room))
}

/**
 * The size at which a segment of the log is closed: whole segments are removed, so each is a sixteenth of what is kept, within
 * 64 KiB and 128 MiB.
 */
export const segmentBytesFor = (keptBytes: number): number =>
  Math.min(128 * MIB, Math.max(64 * 1024, Math.floor(keptBytes / 16)))
