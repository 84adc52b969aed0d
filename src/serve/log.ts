/** One line of the log. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Where a server tells what it does: `pino()` is one. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface RequestLine {
  readonly requestId: string
  readonly method: string
  /** The route's pattern and not the address, which names sessions. */
  readonly route: string
  readonly status: number
  readonly ms: number
  /** The name of the key. */
  readonly key?: string
  readonly code?: string
  readonly error?: unknown
}

export interface ServerLog {
  request(line: RequestLine): void
  info(message: string, fields?: object): void
  warn(message: string, fields?: object): void
}

export const silent: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
}

/** Codes whose cause is looked for, with the error as it was; the others are the caller's own, or come by the thousand. */
const faults = [
  'UNAVAILABLE',
  'ARTIFACT_INVALID',
  'ARTIFACT_TOO_NEW',
  'PATH_ESCAPES',
  'FILE_UNREADABLE',
  'FILE_NOT_FOUND',
]

export function serverLog(logger: Logger): ServerLog {
  return {
    request: ({ error, ...line }) => {
      if (line.code !== undefined && faults.includes(line.code))
        logger.warn({ ...line, err: error }, 'request failed')
      else logger.debug(line, 'request')
    },
    info: (message, fields = {}) => {
      logger.info(fields, message)
    },
    warn: (message, fields = {}) => {
      logger.warn(fields, message)
    },
  }
}
