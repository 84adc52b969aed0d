import { EnsuiteError } from '../errors.ts'
import { checkNumber, checkOptions } from '../options.ts'
import { splitParts } from './prepared-split.ts'
import { unitNames, windowsFolder, type SplitUnit } from './split-units.ts'

/** A file of a prepared folder, as its manifest lists it. */
export interface PreparedFile {
  /** Inside the folder, with `/`. */
  readonly path: string
  readonly bytes: number
  readonly sha256: string
  /** Of a file of sessions; see `PreparedPart`. */
  readonly window?: number
  readonly part?: 'train' | 'valid' | 'test' | 'all'
  readonly sessions?: number
}

/** A file of sessions. */
export interface SessionFile extends PreparedFile {
  readonly window: number
  readonly part: 'train' | 'valid' | 'test' | 'all'
  readonly sessions: number
}

export const WORKFLOW = 'workflow.json'

/** The files beside the sessions. */
export const besideSessions = [WORKFLOW, 'schema.pbtxt', '.merlin/schema.json'] as const

export const isSessions = (file: PreparedFile): file is SessionFile => file.part !== undefined

/** Where sessions are written: `sessions.parquet`, `train.parquet`, or `sessions_by_day/1/train.parquet`. */
export const sessionPath = (
  { window, part }: Pick<SessionFile, 'window' | 'part'>,
  every?: SplitUnit,
): string => {
  const name = `${part === 'all' ? 'sessions' : part}.parquet`
  return every === undefined ? name : `${windowsFolder(every)}/${window}/${name}`
}

/**
 * Throws unless this is a list of files that `prepare` could have written. It may come from a stranger: a path is one of those that
 * `prepare` itself makes, or it is refused. `PATH_ESCAPES` for one that leads out of the folder.
 */
export function checkFiles(files: readonly PreparedFile[]): void {
  if (!Array.isArray(files)) throw new Error('it lists no files')
  for (const file of files as readonly PreparedFile[]) {
    checkOptions('files', file, ['path', 'bytes', 'sha256', 'window', 'part', 'sessions'])
    checkPath(file)
    checkNumber(`${file.path}: bytes`, file.bytes, { integer: true, min: 0, max: Number.MAX_SAFE_INTEGER })
    if (isSessions(file)) checkNumber(`${file.path}: sessions`, file.sessions, { integer: true, min: 0 })
    if (!/^[0-9a-f]{64}$/.test(file.sha256)) throw new Error(`${file.path} has no SHA-256`)
  }
  const paths = files.map(({ path }: PreparedFile) => path)
  // A year by the hour is 26,000 files: no pass over all of them for each.
  const seen = new Set<string>()
  for (const path of paths) {
    if (seen.has(path)) throw new Error(`it lists ${path} twice`)
    seen.add(path)
  }
  const missing = besideSessions.find((path) => !paths.includes(path))
  if (missing !== undefined) throw new Error(`it does not list ${missing}`)
  if (!files.some(isSessions)) throw new Error('it lists no sessions')
}

function checkPath(file: PreparedFile): void {
  const path: unknown = file.path
  if (isSessions(file)) {
    const { window, part } = file
    checkNumber('window', window, { integer: true, min: 0 })
    const known = ['all', ...splitParts].includes(part)
    const paths = window === 0 ? [undefined] : unitNames
    if (known && paths.some((every) => path === sessionPath(file, every))) return
  } else if (besideSessions.some((each) => path === each)) return
  if (typeof path === 'string' && (/^([/\\]|\w:)/.test(path) || path.split(/[/\\]/).includes('..')))
    throw new EnsuiteError(
      'PATH_ESCAPES',
      `it lists '${path.slice(0, 100)}', which is outside the folder. Do not use it: prepare the events again.`,
    )
  throw new Error(`it lists '${String(path).slice(0, 100)}', which prepare does not write so`)
}
