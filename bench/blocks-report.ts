import type { BlockKind } from '../src/blocks/index.ts'
import { table } from '../src/cli/output.ts'
import { ratio, type Summary } from './statistics.ts'

/** One block, ours and PyTorch's where it ran. */
export interface BlockResult {
  readonly kind: BlockKind
  readonly masking: string
  readonly parameters: number
  readonly ours: Summary
  readonly peer?: { readonly from: string; readonly parameters: number; readonly summary: Summary }
}

/** Where the two sides do not train as many numbers, and so cannot be the same model: a line each. */
export const parameterDifferences = (results: readonly BlockResult[]): readonly string[] =>
  results.flatMap(({ kind, parameters, peer }) =>
    peer === undefined || peer.parameters === parameters
      ? []
      : `${kind}: ours has ${parameters.toLocaleString('en')} parameters, ${peer.from} ${peer.parameters.toLocaleString('en')}.`,
  )

const losses = ({ loss }: Summary): string =>
  loss === undefined ? '' : `${loss.first.toFixed(2)} → ${loss.last.toFixed(2)}`

/** A row a block: how many times longer than ours PyTorch takes. */
export function blocksTable(results: readonly BlockResult[]): string {
  const head = ['', 'masking', 'parameters', 'ours, ms', 'PyTorch, ms', '÷ ours', '÷ ours, by round']
  const rows = results.map(({ kind, masking, parameters, ours, peer }) => {
    const times = peer && ratio(peer.summary, ours)
    return [
      kind,
      masking,
      parameters.toLocaleString('en'),
      ours.medianMs.toFixed(1),
      peer?.summary.medianMs.toFixed(1) ?? '',
      times === undefined ? '' : `${times.ofMedians.toFixed(2)} ×`,
      times === undefined ? '' : `${times.byRound.toFixed(2)} ×`,
      peer?.from ?? '',
      losses(ours),
      peer === undefined ? '' : losses(peer.summary),
    ]
  })
  return table([...head, 'PyTorch is', 'loss, ours', 'loss, PyTorch'], rows)
}

/** A block at one width and one length. */
export interface SweepResult {
  readonly kind: BlockKind
  readonly width: number
  readonly time: number
  readonly ours: Summary
}

/** A row a block, a column each width and length: ms a step. */
export function sweepTable(results: readonly SweepResult[]): string {
  const columnOf = ({ width, time }: SweepResult): string => `width ${width}, ${time} events`
  const columns = [...new Set(results.map(columnOf))]
  const kinds = [...new Set(results.map(({ kind }) => kind))]
  const rows = kinds.map((kind) => [
    kind,
    ...columns.map(
      (column) =>
        results.find((each) => each.kind === kind && columnOf(each) === column)?.ours.medianMs.toFixed(1) ??
        '',
    ),
  ])
  return table(['ms a step', ...columns], rows)
}
