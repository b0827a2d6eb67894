/**
 * Structured logs, one JSON object a line on stderr. Levels: error = data is at risk or a person must act, warn = recovered
 * by itself, info = rare events of the life cycle.
 */
export interface Logger {
  error: (message: string, fields?: Record<string, unknown>) => void
  warn: (message: string, fields?: Record<string, unknown>) => void
  info: (message: string, fields?: Record<string, unknown>) => void
}

export const createLogger = (role: string): Logger => {
  const write = (level: string, message: string, fields?: Record<string, unknown>): void => {
    process.stderr.write(
      `${JSON.stringify({ time: new Date().toISOString(), level, role, pid: process.pid, message, ...fields })}\n`,
    )
  }
  return {
    error: (message, fields) => write('error', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    info: (message, fields) => write('info', message, fields),
  }
}
