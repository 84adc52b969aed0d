const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** Resolves at Ctrl-C or SIGTERM. A second one ends the process at once, as does `longestMs` after the first. */
export function untilSignal({ longestMs }: { readonly longestMs: number }): Promise<void> {
  return new Promise((resolve) => {
    let told = false
    const end = (): void => {
      if (told) process.exit(1)
      told = true
      setTimeout(() => process.exit(1), longestMs).unref()
      resolve()
    }
    for (const signal of SIGNALS) process.on(signal, end)
  })
}
