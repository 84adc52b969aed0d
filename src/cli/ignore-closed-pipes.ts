/** Who reads may stop reading, as `head` does: what is printed then goes nowhere, and the command ends as it would have. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
}
