import type { EnsuiteError } from '../errors.ts'

/** How the command line says an error with a code. */
export const errorLine = ({ code, message }: EnsuiteError): string => `error [${code}]: ${message}\n`
