/**
 * Who reads may stop reading, as `head` does: what is printed then goes nowhere, and the command ends as it would have. Of what cannot be written to the standard error nobody
 * could be told: a log on a full disk ends nothing.
 */
export function ignoreClosedPipes(): void {
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
}
