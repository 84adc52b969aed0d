import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'

/** A file of sessions. */
export interface PreparedPart {
  readonly file: string
  /** From 1; 0 in a folder that is not divided by time. */
  readonly window: number
  readonly part: 'train' | 'valid' | 'test' | 'all'
}

/** Which files of a prepared folder. */
export interface Selection {
  /** Default: all parts. */
  readonly part?: 'train' | 'valid' | 'test'
  /** Windows from the first to the last of these two, both included. Default: all windows. */
  readonly windows?: readonly [from: number, to: number]
}

/** The files that are selected, in the order of their windows. Throws `SESSIONS_TOO_FEW` if there is none. */
export function chosenParts(
  folder: string,
  parts: readonly PreparedPart[],
  selection: Selection,
): readonly string[] {
  checkOptions('a selection', selection, ['part', 'windows'])
  const { part, windows } = selection
  if (part !== undefined) checkChoice('a selection: part', part, ['train', 'valid', 'test'])
  for (const window of windows ?? []) checkNumber('a selection: windows', window, { integer: true, min: 1 })
  const files = parts.filter(
    (each) =>
      (part === undefined || each.part === part) &&
      (windows === undefined || (each.window >= windows[0] && each.window <= windows[1])),
  )
  if (files.length > 0) return files.map(({ file }) => file)
  const first = parts[0]!
  throw new EnsuiteError(
    'SESSIONS_TOO_FEW',
    `${folder} has no file of ${JSON.stringify(selection)}: it has ${
      first.part === 'all'
        ? 'one file that is not divided. Prepare it with a split, or take all'
        : `windows ${first.window} to ${parts.at(-1)!.window}`
    }.`,
  )
}
