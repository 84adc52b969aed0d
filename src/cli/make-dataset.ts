import { access, rmdir } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureFolder, unwritable } from '../artifact/ensure-folder.ts'
import { replaceFolder } from '../artifact/replace-folder.ts'
import {
  checkOutput,
  checkSourceFiles,
  type Dataset,
  download,
  findSource,
  prepareFound,
} from '../datasets/index.ts'
import { EnsuiteError } from '../errors.ts'
import { downloadLine } from './download-line.ts'
import { type Output, table } from './output.ts'
import { duration } from './progress.ts'

export interface MakeDatasetFlags {
  readonly from?: string
  readonly out?: string
  readonly acceptLicence: boolean
  readonly seed: number
}

/** Fetches or finds the files of a data set, prepares them, and says what is there now. */
export async function makeDataset(dataset: Dataset, flags: MakeDatasetFlags, output: Output): Promise<void> {
  const started = performance.now()
  const out = resolve(flags.out ?? join('data', dataset.name))
  await checkOutput(out)
  const from = flags.from ?? (await sourceFolder(dataset, { out, accepted: flags.acceptLicence, output }))
  const found = await findSource(dataset, from)
  output.note(`${dataset.title}: ${found.layout.title}, in ${from}`)
  output.note(`Licence: ${dataset.licence.name}, ${dataset.licence.link}`)
  for (const file of found.missing) output.note(`${file} is not there: its columns are left out`)
  const sources = await checkSourceFiles(found, from)
  let lastWindow = 0
  const prepared = await inNewFolder(out, (folder) =>
    prepareFound(dataset, found, {
      folder,
      sources,
      seed: flags.seed,
      onProgress: ({ stage, done = 0, total = 0 }) => {
        if (stage !== 'windows') {
          output.note(stages[stage])
          return
        }
        if (done < total && done - lastWindow < 50) return
        lastWindow = done
        output.note(`${done} of ${total} windows`)
      },
    }),
  )
  const { sessions, interactions, items, windows, rows, columns } = prepared
  const seconds = (performance.now() - started) / 1000
  output.result(
    {
      name: dataset.name,
      out,
      sessions,
      interactions,
      items,
      ...(windows && { windows: windows.length }),
      rows,
      columns,
      seconds,
    },
    () =>
      [
        table(
          ['', dataset.name],
          [
            ['sessions', String(sessions)],
            ['interactions', String(interactions)],
            ['items', String(items)],
            ...(windows ? [['windows', String(windows.length)]] : []),
          ],
        ),
        `Columns: ${columns.map(({ name }) => name).join(', ')}.`,
        dataset.preparation,
        `Took ${duration(seconds)}. Train on it:  npx ensuite train ${join(out, 'events.parquet')} --session session --item item --time time --out artifacts/${dataset.name}`,
      ].join('\n'),
  )
}

const stages = { read: 'reading', prepare: 'preparing', write: 'writing events.parquet' } as const

/** The folder with the files of a data set where the user names none. */
async function sourceFolder(
  dataset: Dataset,
  options: { readonly out: string; readonly accepted: boolean; readonly output: Output },
): Promise<string> {
  const { source, licence, name } = dataset
  if (source.kind === 'bundled') return fileURLToPath(source.folder)
  if (source.kind === 'by-hand')
    throw new EnsuiteError('DOWNLOAD_BY_HAND', `${name} is at ${source.url}. ${source.how}`)
  if (licence.mustAccept && !options.accepted)
    throw new EnsuiteError(
      'LICENCE_UNACCEPTED',
      `${name} has conditions: ${licence.name}. Read them at ${licence.link}, then repeat the command with --accept-licence.`,
    )
  const folder = `${options.out}.raw`
  await ensureFolder(folder)
  for (const remote of source.files) {
    const path = join(folder, remote.name)
    if (await exists(path)) {
      options.output.note(`${path} is there already`)
      continue
    }
    const line = downloadLine(options.output, remote.name)
    const { verified } = await download(remote, { path, onProgress: line.update }).finally(line.stop)
    options.output.note(
      verified
        ? `${path} fetched, its SHA-256 is the expected one`
        : `${path} fetched; no checksum of it is known: the download is not verified`,
    )
  }
  return folder
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Fills a folder beside `out` and puts it there. Where that fails, the folders above that were made for it are removed again. */
async function inNewFolder<Result>(out: string, fill: (folder: string) => Promise<Result>): Promise<Result> {
  const made: string[] = []
  for (let place = dirname(out); !(await exists(place)); place = dirname(place)) made.push(place)
  let result: { readonly value: Result } | undefined
  try {
    await replaceFolder(out, {
      write: async (folder) => {
        result = { value: await fill(folder) }
      },
      check: () => checkOutput(out),
    })
    return result!.value
  } catch (error) {
    for (const place of made) await rmdir(place).catch(() => undefined)
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (['EACCES', 'EROFS', 'ENOSPC', 'EDQUOT', 'EPERM'].includes(code))
      throw unwritable(out, error instanceof Error ? error.message : code, error)
    throw error
  }
}
