import { EnsuiteError } from '../errors.ts'
import { checkChoice, checkNumber, checkOptions } from '../options.ts'
import { splitParts } from './prepared-split.ts'

/** A file of sessions. */
export interface PreparedPart {
  readonly file: string
  /** From 1; 0 in a folder that is not divided by time. */
  readonly window: number
  readonly part: 'train' | 'valid' | 'test' | 'all'
}

/** Which files of a prepared folder. */
export interface Selection {
  /** Default 'all': every part, or the one file of a folder that is not divided. */
  readonly part?: PreparedPart['part']
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
  const { part = 'all', windows } = selection
  checkChoice('a selection: part', part, ['all', ...splitParts])
  if (windows !== undefined) checkWindows(windows)
  const files = parts.filter(
    (each) =>
      (part === 'all' || each.part === part) &&
      (windows === undefined || (each.window >= windows[0] && each.window <= windows[1])),
  )
  if (files.length > 0) return files.map(({ file }) => file)
  throw new EnsuiteError(
    'SESSIONS_TOO_FEW',
    `${folder} has no file of ${JSON.stringify(selection)}: ${whatIsThere(parts)}`,
  )
}

function checkWindows(windows: readonly unknown[]): void {
  if (!Array.isArray(windows) || windows.length !== 2)
    throw new EnsuiteError(
      'OPTION_INVALID',
      'a selection: windows expects the first and the last window, such as [1, 7].',
    )
  const [from, to] = windows as [number, number]
  checkNumber('a selection: windows from', from, { integer: true, min: 1 })
  checkNumber('a selection: windows to', to, { integer: true, min: from })
}

function whatIsThere(parts: readonly PreparedPart[]): string {
  const [first, last] = [parts[0]!, parts.at(-1)!]
  if (first.part === 'all')
    return 'it has one file that is not divided. Prepare it with a split, or leave part and windows out.'
  if (first.window === 0)
    return 'it has train, valid and test, and is not divided by time. Prepare it by day or hour, or leave windows out.'
  return `it has windows ${first.window} to ${last.window}. Take some of these; a day or hour without a session has none.`
}
