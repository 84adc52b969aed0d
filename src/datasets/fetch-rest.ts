import { createWriteStream } from 'node:fs'
import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import { EnsuiteError } from '../errors.ts'
import type { RemoteFile } from './dataset.ts'

export interface DownloadOptions {
  /** Where the file goes. Beside it, `<path>.partial` grows, and `<path>.partial.tag` says which version of the file that is. */
  readonly path: string
  /** Without a byte for so long, the connection counts as dead. Default 60,000. */
  readonly idleMs?: number
  /** How often a connection that broke is made again, where bytes came meanwhile or not. Default 3. */
  readonly attempts?: number
  /** Between two attempts. Default 2000. */
  readonly retryMs?: number
  readonly onProgress?: (progress: DownloadProgress) => void
}

export interface DownloadProgress {
  readonly bytes: number
  /** Unknown where the server does not say. */
  readonly total?: number
  /** Bytes a second since this call began. */
  readonly rate: number
  readonly secondsLeft?: number
}

/** Something that another attempt may mend. */
export class Broken extends Error {}

/** Appends to `partial` what it lacks. Throws `Broken` where another attempt may help, `DOWNLOAD_FAILED` where none will. */
export async function fetchRest(
  remote: RemoteFile,
  partial: string,
  options: DownloadOptions,
): Promise<void> {
  const { idleMs = 60_000, onProgress } = options
  const tag = await readFile(`${partial}.tag`, 'utf8').catch(() => '')
  const size = await stat(partial).then(
    (found) => found.size,
    () => 0,
  )
  // Without a tag nobody can say that the server still has the same file.
  const have = tag === '' ? 0 : size
  const abort = new AbortController()
  let excess = false as boolean
  let timer = setTimeout(() => abort.abort(), idleMs)
  const alive = (): void => {
    clearTimeout(timer)
    timer = setTimeout(() => abort.abort(), idleMs)
  }
  try {
    const response = await fetch(remote.url, {
      signal: abort.signal,
      headers: {
        'accept-encoding': 'identity',
        ...(have > 0 && { range: `bytes=${have}-`, 'if-range': tag }),
      },
    })
    if (response.status === 416) {
      await response.body?.cancel()
      // All had come, and the run ended before the file was renamed.
      if (response.headers.get('content-range') === `bytes */${have}`) return
      await discard(partial)
      throw new Broken('the server does not know the rest of the file')
    }
    const { start, total } = await checkResponse(remote, response, have)
    const now = tagOf(response)
    if (start > 0 && now !== '' && now !== tag) {
      await response.body?.cancel()
      await discard(partial)
      throw new Broken('the file on the server has changed meanwhile')
    }
    if (start === 0) {
      await rm(partial, { force: true })
      await writeFile(`${partial}.tag`, now)
    }
    let bytes = start
    const began = performance.now()
    const meter = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        alive()
        bytes += chunk.length
        if (bytes > (total ?? remote.mostBytes) || bytes > remote.mostBytes) {
          excess = true
          done(tooLarge(remote, `more than ${Math.min(total ?? remote.mostBytes, remote.mostBytes)}`))
          return
        }
        const rate = (bytes - start) / Math.max((performance.now() - began) / 1000, 1e-3)
        onProgress?.({
          bytes,
          rate,
          ...(total !== undefined && { total, secondsLeft: (total - bytes) / rate }),
        })
        done(null, chunk)
      },
    })
    await pipeline(
      Readable.fromWeb(response.body as ReadableStream<Uint8Array>),
      meter,
      createWriteStream(partial, { flags: start === 0 ? 'w' : 'r+', start }),
    )
    if (total !== undefined && bytes < total)
      throw new Broken(`the connection ended after ${bytes} of ${total} bytes`)
  } catch (error) {
    if (excess) await discard(partial)
    if (abort.signal.aborted && !(error instanceof EnsuiteError))
      throw new Broken(`no byte came for ${idleMs / 1000} seconds`, { cause: error })
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/** Where the bytes of the response begin, and how many the whole file has. */
async function checkResponse(
  remote: RemoteFile,
  response: Response,
  have: number,
): Promise<{ readonly start: number; readonly total?: number }> {
  const refuse = async (why: string): Promise<EnsuiteError> => {
    await response.body?.cancel()
    return failed(remote, why)
  }
  if (response.status >= 500 || response.status === 429) {
    await response.body?.cancel()
    throw new Broken(`the server answered with ${response.status}`)
  }
  if (response.status !== 200 && response.status !== 206)
    throw await refuse(`the server answered with ${response.status} ${response.statusText}`.trim())
  if (response.headers.get('content-type')?.startsWith('text/html') === true)
    throw await refuse('the server answered with a web page, perhaps one that asks for a login')
  const range = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get('content-range') ?? '')
  if (response.status === 206 && Number(range?.[1]) !== have)
    throw await refuse('the server sent another part of the file than was asked for')
  const start = response.status === 206 ? have : 0
  const length = response.headers.get('content-length')
  const total =
    range !== null && range[2] !== '*'
      ? Number(range[2])
      : length === null
        ? undefined
        : start + Number(length)
  if (total !== undefined && remote.bytes !== undefined && total !== remote.bytes)
    throw await refuse(
      `the file has ${total} bytes; ${remote.bytes} are expected. It has been replaced by another`,
    )
  if (total !== undefined && total > remote.mostBytes) {
    await response.body?.cancel()
    throw tooLarge(remote, String(total))
  }
  return { start, ...(total !== undefined && { total }) }
}

/** Removes what has come so far. */
export async function discard(partial: string): Promise<void> {
  await rm(partial, { force: true })
  await rm(`${partial}.tag`, { force: true })
}

/** What tells versions of a file apart: a weak tag does not say that the bytes are the same. */
function tagOf(response: Response): string {
  const tag = response.headers.get('etag') ?? ''
  return tag !== '' && !tag.startsWith('W/') ? tag : (response.headers.get('last-modified') ?? '')
}

const tooLarge = (remote: RemoteFile, bytes: string): EnsuiteError =>
  failed(remote, `the file has ${bytes} bytes; at most ${remote.mostBytes} are expected`)

export function failed(remote: RemoteFile, why: string, cause?: unknown): EnsuiteError {
  return new EnsuiteError(
    'DOWNLOAD_FAILED',
    `${remote.url} could not be fetched: ${why}. Or fetch it by hand as ${remote.name}, and pass its folder with --from.`,
    { cause },
  )
}
