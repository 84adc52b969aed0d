import type { Dirent } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import type { EventFormat, EventSource } from './event-source.ts'

/** The files of a source, and how to read them. `text` is delimited text whose delimiter the name does not tell. */
export interface FoundFiles {
  readonly format: EventFormat | 'text'
  /** Absolute paths. */
  readonly files: readonly string[]
}

const formatByExtension: Readonly<Record<string, FoundFiles['format']>> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  txt: 'text',
  dat: 'text',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
  parquet: 'parquet',
}
const known = Object.keys(formatByExtension).map((extension) => `.${extension}`)

/**
 * Finds the files of `source`.
 *
 * Throws `OPTION_INVALID` if there is no path, or a folder holds files and folders of others, `FILE_NOT_FOUND` if a path or a folder's content is missing, `FILE_UNREADABLE` if it may not be read,
 * `FORMAT_UNKNOWN` if the names tell no format, or more than one.
 */
export async function findFiles(source: EventSource): Promise<FoundFiles> {
  const paths = pathsOf(source.path)
  const found = await Promise.all(paths.map((path) => findPath(resolve(path), source.format)))
  const formats = [...new Set(found.map((each) => each.format))]
  if (formats.length > 1) {
    throw new EnsuiteError(
      'FORMAT_UNKNOWN',
      `The paths expect one format, received ${formats.join(' and ')}. Read one format at a time.`,
    )
  }
  const files = found.flatMap((each) => each.files)
  const compressed = files.find((file) => formats[0] === 'parquet' && file.toLowerCase().endsWith('.gz'))
  if (compressed !== undefined) {
    throw new EnsuiteError(
      'FORMAT_UNKNOWN',
      `${compressed}: Parquet is compressed inside and is not read from .gz. Unpack the file first.`,
    )
  }
  return { format: formats[0]!, files }
}

/** What a source names; it comes from JavaScript, too. */
function pathsOf(path: unknown): readonly string[] {
  const paths: readonly unknown[] = Array.isArray(path) ? path : [path]
  const good = (each: unknown): each is string => typeof each === 'string' && each !== ''
  if (paths.length > 0 && paths.every(good)) return paths
  const strange = paths.find((each) => !good(each)) as string | number | object | undefined
  throw new EnsuiteError(
    'OPTION_INVALID',
    `path expects the path of a file or folder, or a list of them, received ${paths.length === 0 ? 'an empty list' : shownPath(strange)}. ` +
      `Give it as { path: 'clicks.csv' }.`,
  )
}

const shownPath = (path: string | number | object | undefined): string =>
  path === undefined
    ? 'none'
    : path === ''
      ? 'an empty text'
      : typeof path === 'object'
        ? 'an object'
        : `${typeof path} ${String(path)}`

async function findPath(path: string, asked: EventFormat | undefined): Promise<FoundFiles> {
  const entry = await attempt(path, () => stat(path))
  if (entry.isDirectory()) return findInFolder(path, asked)
  if (!entry.isFile()) throw new EnsuiteError('FILE_UNREADABLE', `${path} is neither a file nor a folder.`)
  const format = asked ?? formatOf(path)
  if (format !== undefined) return { format, files: [path] }
  throw new EnsuiteError(
    'FORMAT_UNKNOWN',
    `The name '${basename(path)}' does not tell the format of the file. Known endings: ${known.join(', ')}, each but ` +
      `Parquet also with .gz. Rename it, or say it: format: 'csv', 'tsv', 'jsonl' or 'parquet'.`,
  )
}

async function findInFolder(folder: string, asked: EventFormat | undefined): Promise<FoundFiles> {
  const entries = await attempt(folder, () => readdir(folder, { withFileTypes: true }))
  const names = entries
    .filter((entry) => !entry.isDirectory() && !/^[._]/.test(entry.name))
    .map((entry) => entry.name)
  const byFormat = new Map<FoundFiles['format'], string[]>()
  for (const name of names.sort()) {
    const format = formatOf(name)
    if (format !== undefined) byFormat.set(format, [...(byFormat.get(format) ?? []), name])
  }
  // A readme or a licence beside the data is no data: .txt and .dat count where there is nothing else.
  if (byFormat.size > 1 || asked === 'jsonl' || asked === 'parquet') byFormat.delete('text')
  const format = asked ?? [...byFormat.keys()][0]
  const chosen = format === undefined ? undefined : (byFormat.get(format) ?? byFormat.get('text'))
  if (format === undefined || chosen === undefined) {
    throw new EnsuiteError(
      'FILE_NOT_FOUND',
      `The folder ${folder} holds no ${asked === undefined ? `files that end in ${known.join(', ')}` : `${asked} files`}.`,
    )
  }
  if (asked === undefined && byFormat.size > 1) {
    throw new EnsuiteError(
      'FORMAT_UNKNOWN',
      `The folder ${folder} holds more than one format: ${[...byFormat.keys()].join(', ')}. Say which, such as format: '${format}'.`,
    )
  }
  await refuseNested(folder, entries, format)
  return { format, files: chosen.map((name) => join(folder, name)) }
}

/** Throws `OPTION_INVALID` where a folder of files has another inside with files of the same format: it is not said whether these are meant, too. */
async function refuseNested(
  folder: string,
  entries: readonly Dirent[],
  format: FoundFiles['format'],
): Promise<void> {
  const inside = entries.filter((entry) => entry.isDirectory() && !/^[._]/.test(entry.name))
  for (const { name } of inside) {
    const path = join(folder, name)
    const found = (await attempt(path, () => readdir(path))).find(
      (each) => !/^[._]/.test(each) && formatOf(each) === format,
    )
    if (found !== undefined)
      throw new EnsuiteError(
        'OPTION_INVALID',
        `The folder ${folder} holds files, and a folder ${name} with ${found}, which would not be read. List what is meant: files, or folders without others inside.`,
      )
  }
}

function formatOf(path: string): FoundFiles['format'] | undefined {
  const extension = /\.([^.]+?)(\.gz)?$/.exec(basename(path).toLowerCase())?.[1]
  return extension === undefined ? undefined : formatByExtension[extension]
}

async function attempt<Result>(path: string, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read()
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new EnsuiteError(
        'FILE_NOT_FOUND',
        `No file or folder is at ${path}. Only local paths are read; * and ? stand for themselves.`,
        { cause },
      )
    }
    throw new EnsuiteError('FILE_UNREADABLE', `${path} cannot be read: ${String(cause)}.`, { cause })
  }
}
