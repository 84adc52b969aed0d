import Table from 'cli-table3'
import type { RankingResult } from '../evaluate/index.ts'

/** Where a command writes: its result on standard output, everything else on standard error. */
export interface Output {
  readonly json: boolean
  /** The result: one JSON object, or the text for people. */
  result(value: object, text: () => string): void
  /** A line for people who wait. */
  note(line: string): void
  /** Whether a bar that redraws itself makes sense. */
  readonly live: boolean
}

/** Names and values come from files of strangers: a terminal must not obey them. */
const harmless = (text: string): string => text.replaceAll(/[^\P{Cc}\n]/gu, '·')

export function createOutput(options: { readonly json: boolean; readonly indent?: number }): Output {
  const { json, indent } = options
  return {
    json,
    result: (value, text) =>
      void process.stdout.write(
        json ? `${JSON.stringify(value, undefined, indent)}\n` : `${harmless(text())}\n`,
      ),
    note: (line) => void process.stderr.write(`${harmless(line)}\n`),
    live: process.stderr.isTTY,
  }
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const made = new Table({
    head: [...head],
    style: { head: [], border: [] },
    colAligns: head.map((_, at) => (at === 0 ? 'left' : 'right')),
  })
  made.push(...rows.map((row) => [...row]))
  return made.toString()
}

const BAR_WIDTH = 24

/** Results side by side, a row each, with a bar for the first metric: longer is better. */
export function rankingTable(
  results: Readonly<Record<string, RankingResult>>,
  metrics: readonly string[],
): string {
  const value = (result: RankingResult, metric: string): number =>
    Number((result as unknown as Record<string, unknown>)[metric])
  const first = metrics[0]!
  const most = Math.max(...Object.values(results).map((result) => value(result, first)), Number.MIN_VALUE)
  const bar = (result: RankingResult): string =>
    '█'.repeat(Math.round((BAR_WIDTH * value(result, first)) / most)).padEnd(BAR_WIDTH)
  return table(
    ['', ...metrics, first],
    Object.entries(results).map(([name, result]) => [
      name,
      ...metrics.map((metric) => value(result, metric).toFixed(4)),
      bar(result),
    ]),
  )
}

/** What was measured and how, in one line. */
export function protocolLine(result: RankingResult, { kind }: { readonly kind: string }): string {
  const unknown =
    result.unknownTargets > 0 ? `, ${result.unknownTargets} with an unknown target (counted as misses)` : ''
  const seen =
    result.seenTargets > 0
      ? `, ${result.seenTargets} with a target that the session has had (counted as misses; --keep-seen ranks them)`
      : ''
  return `${result.sessions} sessions${unknown}${seen}, split ${kind}, the last event ranked among all ${result.items} items, seen items ${result.filterSeen ? 'filtered' : 'kept'}`
}
