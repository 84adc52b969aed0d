import { open, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { EnsuiteError } from '../errors.ts'
import type { RemoteFile } from './dataset.ts'
import { Broken, discard, type DownloadOptions, failed, fetchRest } from './fetch-rest.ts'
import { fileSha256 } from './prepare.ts'

/**
 * Fetches a file: beside its place, then checked, flushed and renamed. What a broken connection or an ended run has left is gone on with, if the
 * server still has the same version. Returns whether a checksum was compared.
 *
 * Throws `DOWNLOAD_FAILED`, which names the URL, and `FILE_UNWRITABLE`.
 */
export async function download(
  remote: RemoteFile,
  options: DownloadOptions,
): Promise<{ readonly verified: boolean }> {
  const { attempts = 3, retryMs = 2000 } = options
  const partial = `${options.path}.partial`
  for (let attempt = 1; ; attempt++) {
    try {
      await fetchRest(remote, partial, options)
      break
    } catch (error) {
      if (error instanceof EnsuiteError) throw error
      if (isDiskError(error))
        throw new EnsuiteError(
          'FILE_UNWRITABLE',
          `${partial} cannot be written: ${messageOf(error)}. Free space or choose another --out.`,
          { cause: error },
        )
      if (attempt >= attempts)
        throw failed(
          remote,
          `${messageOf(error)}, ${attempts} times. Repeat the command to go on from where it stopped`,
          error,
        )
      await wait(retryMs)
    }
  }
  await check(remote, partial)
  const file = await open(partial, 'r+')
  await file.sync().finally(() => file.close())
  await rename(partial, options.path)
  await rm(`${partial}.tag`, { force: true })
  return { verified: remote.sha256 !== undefined }
}

async function check(remote: RemoteFile, partial: string): Promise<void> {
  const { size } = await stat(partial)
  const refuse = async (why: string): Promise<EnsuiteError> => {
    await discard(partial)
    return failed(remote, `${why}. It is not the expected file and has been removed`)
  }
  if (remote.bytes !== undefined && size !== remote.bytes)
    throw await refuse(`${remote.bytes} bytes are expected, ${size} came`)
  if (remote.sha256 === undefined) return
  const sha256 = await fileSha256(partial)
  if (sha256 !== remote.sha256)
    throw await refuse(`the SHA-256 ${remote.sha256} is expected, received ${sha256}`)
}

function isDiskError(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return ['ENOSPC', 'EACCES', 'EROFS', 'EDQUOT', 'EPERM', 'EFBIG', 'EISDIR'].includes(code)
}

/** `fetch` says only "fetch failed"; its cause says why. */
function messageOf(error: unknown): string {
  const cause =
    error instanceof Error && error.cause instanceof Error && !(error instanceof Broken) ? error.cause : error
  return cause instanceof Error
    ? cause.message || ('code' in cause ? String(cause.code) : cause.name)
    : String(cause)
}
