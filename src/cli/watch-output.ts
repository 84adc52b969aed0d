import { EnsuiteError } from '../errors.ts'
import { errorLine } from './error-line.ts'

/**
 * Who reads may stop reading, as `head` does: what is printed then goes nowhere, and the command ends as it would have. Where standard output cannot be written otherwise, as on a full disk, the result is lost: that is said,
 * and the exit code is 1. What cannot be written to standard error cannot be told.
 */
export function watchOutput(): void {
  let failed = false
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code === 'EPIPE' || failed) return
    failed = true
    process.exitCode ||= 1
    const error = new EnsuiteError(
      'FILE_UNWRITABLE',
      `Standard output cannot be written: ${cause.message}. Make room, or send it elsewhere.`,
      { cause },
    )
    process.stderr.write(errorLine(error))
  })
  process.stderr.on('error', () => undefined)
}
