import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureFolder } from '../ensure-folder.ts'
import { type Dataset, download, namedFiles, type RemoteFile, unpackZip } from '../datasets/index.ts'
import { EnsuiteError } from '../errors.ts'
import { downloadLine } from './download-line.ts'
import { exists, inNewFolder } from './new-folder.ts'
import type { Output } from './output.ts'

export interface FetchDatasetOptions {
  /** What is fetched goes beside it, into `<out>.raw`. */
  readonly out: string
  /** Whether the conditions have been accepted. */
  readonly accepted: boolean
  readonly output: Output
}

/** Fetches and unpacks the files of a data set, unless they are there already, and returns their folder. */
export async function fetchDataset(dataset: Dataset, options: FetchDatasetOptions): Promise<string> {
  const { source, licence, name } = dataset
  const { accepted, output } = options
  if (source.kind === 'bundled') return fileURLToPath(source.folder)
  if (source.kind === 'by-hand')
    throw new EnsuiteError('DOWNLOAD_BY_HAND', `${name} is at ${source.url}. ${source.how}`)
  if (licence.mustAccept && !accepted)
    throw new EnsuiteError(
      'LICENCE_UNACCEPTED',
      `${name} has conditions: ${licence.name}. Read them at ${licence.link}, then repeat the command with --accept-licence.`,
    )
  const folder = `${options.out}.raw`
  await ensureFolder(folder)
  if (source.kind === 'files') {
    for (const remote of source.files) await fetchFile(remote, folder, output)
    return folder
  }
  const unpacked = join(folder, 'unpacked')
  if (await exists(unpacked)) {
    output.note(`${unpacked} is there already`)
    return unpacked
  }
  const archive = await fetchFile(source.archive, folder, output)
  const { mostUnpackedBytes: mostBytes } = source
  const names = await inNewFolder(unpacked, {
    fill: (empty) => unpackZip(archive, { folder: empty, names: namedFiles(dataset), mostBytes }),
    check: () => Promise.resolve(),
  })
  output.note(`unpacked ${names.join(', ')}`)
  return unpacked
}

/** Fetches a file unless it is there, and returns its path. */
async function fetchFile(remote: RemoteFile, folder: string, output: Output): Promise<string> {
  const path = join(folder, remote.name)
  if (await exists(path)) {
    output.note(`${path} is there already`)
    return path
  }
  const line = downloadLine(output, remote.name)
  const { verified } = await download(remote, { path, onProgress: line.update }).finally(line.stop)
  output.note(
    verified
      ? `${path} fetched, its SHA-256 is the expected one`
      : `${path} fetched; no checksum of it is known: the download is not verified`,
  )
  return path
}
