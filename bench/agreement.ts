import type { Figures } from './data/read-back.ts'

export interface Allowed {
  /** The relative error of the sums of squares that the precision of the program's floats explains. */
  readonly error: number
}

/** In what `theirs` differs from `ours`, a line each; nothing where both made the same sessions. */
export function differences(ours: Figures, theirs: Figures, { error }: Allowed): readonly string[] {
  const exact = ['sessions', 'events', 'items', 'categories', 'tiedChecksum', 'checksum'] as const
  const near = ['recencySquares', 'priceSquares'] as const
  return [
    // NVTabular leaves the order of equal counts open, and gives no checksum.
    ...exact.filter(
      (name) => theirs[name] !== ours[name] && (name !== 'checksum' || theirs.checksum !== undefined),
    ),
    ...near.filter((name) => !(Math.abs(theirs[name] - ours[name]) <= error * Math.abs(ours[name]))),
  ].map((name) => `${name} ${theirs[name]!}, ours ${ours[name]!}`)
}
