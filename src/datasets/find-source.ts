import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { readHead, type Recipe } from '../events/index.ts'
import type { Dataset, FileNames, Layout } from './dataset.ts'

/** Files of a folder that fit a layout, and what to do with them. */
export interface FoundSource {
  readonly layout: Layout
  readonly recipe: Recipe
  /** Absolute paths, each once. */
  readonly files: readonly string[]
  /** Optional files that are not there: their columns are left out. */
  readonly missing: readonly string[]
}

/** More files than any layout has. */
const MOST_FILES = 10_000

/** Finds the files of a data set below `folder`. Throws `FILE_NOT_FOUND`, naming what is expected, and `FILE_UNREADABLE`. */
export async function findSource(dataset: Dataset, folder: string): Promise<FoundSource> {
  const root = resolve(folder)
  const place = await stat(root).catch(() => undefined)
  if (place?.isDirectory() !== true)
    throw new EnsuiteError(
      'FILE_NOT_FOUND',
      place === undefined
        ? `No folder is at ${root}. --from expects the folder with the unpacked files of ${dataset.name}.`
        : `${root} is a file; --from expects the folder that it is in${/\.(zip|7z|tar|tgz)$/i.test(root) ? ', unpacked' : ''}.`,
    )
  const fitting: FoundSource[] = []
  for (const layout of dataset.layouts) {
    const found = await findLayout(layout, root)
    if (found !== undefined) fitting.push(found)
  }
  for (const found of fitting) {
    const { firstLine } = found.layout
    if (firstLine === undefined) return found
    const { text } = await readHead(found.recipe.inputs[0]!.files[0]!)
    if (text.split(/\r?\n/, 1)[0]!.includes(firstLine)) return found
  }
  // None has the expected first line: reading the file says which columns are missing.
  const last = fitting.at(-1)
  if (last !== undefined) return last
  throw new EnsuiteError(
    'FILE_NOT_FOUND',
    `${root} does not hold the files of ${dataset.name}. Expected is ` +
      `${dataset.layouts.map((layout) => `${expected(layout)} (${layout.title})`).join('; or ')}; each may end in .gz. ` +
      `${archiveHint(await readdir(root))}They are from ${dataset.homepage}.`,
  )
}

async function findLayout(layout: Layout, root: string): Promise<FoundSource | undefined> {
  const inputs: Recipe['inputs'][number][] = []
  for (const { files, ...input } of layout.inputs) {
    const paths = await findFiles(files, root)
    if (paths.length === 0) return undefined
    inputs.push({ ...input, files: paths })
  }
  const lookups: Recipe['lookups'][number][] = []
  const missing: string[] = []
  for (const { files, optional = false, ...lookup } of layout.lookups ?? []) {
    const paths = await findFiles(files, root)
    if (paths.length > 0) lookups.push({ ...lookup, files: paths })
    else if (optional) missing.push(exampleOf(files))
    else return undefined
  }
  const files = [...new Set([...inputs, ...lookups].flatMap((each) => each.files))]
  return { layout, recipe: { ...layout.recipe, inputs, lookups }, files, missing }
}

async function findFiles(files: FileNames, root: string): Promise<readonly string[]> {
  if ('names' in files) {
    for (const name of files.names)
      for (const path of [join(root, name), join(root, `${name}.gz`)]) if (await isFile(path)) return [path]
    return []
  }
  for (const folder of files.folders) {
    const place = join(root, folder)
    const names = (await readdir(place).catch(() => [])).filter((name) => files.pattern.test(name)).sort()
    if (names.length > MOST_FILES)
      throw new EnsuiteError(
        'FILE_UNREADABLE',
        `${place} holds ${names.length} files like ${files.example}; at most ${MOST_FILES} are expected.`,
      )
    if (names.length > 0) return names.map((name) => join(place, name))
  }
  return []
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  )

const exampleOf = (files: FileNames): string => ('names' in files ? files.names[0]! : files.example)

const expected = (layout: Layout): string =>
  [
    ...layout.inputs.map(({ files }) => exampleOf(files)),
    ...(layout.lookups ?? []).flatMap(({ files, optional }) => (optional ? [] : [exampleOf(files)])),
  ].join(' and ')

function archiveHint(names: readonly string[]): string {
  const archive = names.find((name) => /\.(zip|7z|tar|tgz|rar)$|\.tar\.gz$/i.test(name))
  return archive === undefined ? '' : `${basename(archive)} is there: unpack it. `
}
