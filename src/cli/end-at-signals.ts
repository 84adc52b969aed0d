import { constants } from 'node:os'
import type { Output } from './output.ts'

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/**
 * Prints a line and ends the process at Ctrl-C or SIGTERM, as shells expect it: with 130 or 143. What is held then is let go of by its owner, at the
 * process's `exit`. Returns what takes that back.
 *
 * `line`: a function is asked when a signal has come.
 */
export function endAtSignals(output: Output, line: string | (() => string)): () => void {
  const end = (signal: NodeJS.Signals): void => {
    output.note(typeof line === 'string' ? line : line())
    process.exit(128 + constants.signals[signal])
  }
  for (const signal of SIGNALS) process.once(signal, end)
  return () => {
    for (const signal of SIGNALS) process.off(signal, end)
  }
}
