import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { temporaryFolder } from '../events/test-files.test-support.ts'
import { download } from './download.ts'
import type { DownloadProgress } from './fetch-rest.ts'

const folder = temporaryFolder()
const content = Buffer.from(Array.from({ length: 200_000 }, (_, at) => (at * 31 + (at >> 8)) % 251))
const sha256 = createHash('sha256').update(content).digest('hex')

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server that answers each request with the next handler, and all after the last with that one. */
async function serve(
  ...handlers: ((request: IncomingMessage, response: ServerResponse) => void)[]
): Promise<{ readonly url: string; readonly asked: (string | undefined)[] }> {
  const asked: (string | undefined)[] = []
  const server = createServer((request, response) => {
    const handler = handlers[Math.min(asked.length, handlers.length - 1)]!
    asked.push(request.headers.range)
    handler(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.csv`, asked }
}

/** Answers as a good server does, ranges included; `cutAfter` bytes the connection breaks. */
const whole =
  ({ tag = '"1"', cutAfter = Infinity, bytes = content } = {}) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')
    const same = request.headers['if-range'] === tag
    const start = range !== null && same ? Number(range[1]) : 0
    if (start >= bytes.length) {
      response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end()
      return
    }
    response.writeHead(start > 0 ? 206 : 200, {
      etag: tag,
      'content-length': bytes.length - start,
      ...(start > 0 && { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    })
    const part = bytes.subarray(start)
    if (cutAfter >= part.length) response.end(part)
    else response.write(part.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 30))
  }

let count = 0
const fetchTo = (url: string, remote: object = {}, options: object = {}) => {
  const path = folder.path(`file-${++count}.csv`)
  const done = download(
    { name: 'file.csv', url, mostBytes: 1e6, sha256, bytes: content.length, ...remote },
    { path, retryMs: 1, ...options },
  )
  return { path, done }
}
const failure = { code: 'DOWNLOAD_FAILED', message: expect.stringMatching(/127\.0\.0\.1.*--from/s) as string }

describe('download', () => {
  it('fetches, verifies, renames, and says how far it is', async () => {
    const { url } = await serve(whole())
    const seen: DownloadProgress[] = []
    const { path, done } = fetchTo(
      url,
      {},
      { onProgress: (progress: DownloadProgress) => seen.push(progress) },
    )
    expect(await done).toEqual({ verified: true })
    expect(readFileSync(path).equals(content)).toBe(true)
    expect(existsSync(`${path}.partial`) || existsSync(`${path}.partial.tag`)).toBe(false)
    expect(seen.at(-1)).toMatchObject({ bytes: content.length, total: content.length, secondsLeft: 0 })
  })

  it('says that nothing was verified where no checksum is known', async () => {
    const { url } = await serve(whole())
    const { done } = fetchTo(url, { sha256: undefined, bytes: undefined })
    expect(await done).toEqual({ verified: false })
  })

  it('goes on where a connection broke, twice', async () => {
    const { url, asked } = await serve(whole({ cutAfter: 70_000 }), whole({ cutAfter: 50_000 }), whole())
    const { path, done } = fetchTo(url)
    await done
    expect(readFileSync(path).equals(content)).toBe(true)
    expect(asked).toEqual([undefined, 'bytes=70000-', 'bytes=120000-'])
  })

  it('goes on in a later run', async () => {
    const { url, asked } = await serve(whole({ cutAfter: 70_000 }), whole())
    const first = fetchTo(url, {}, { attempts: 1 })
    await expect(first.done).rejects.toMatchObject(failure)
    expect(existsSync(first.path)).toBe(false)
    await download({ name: 'file.csv', url, mostBytes: 1e6, sha256 }, { path: first.path })
    expect(readFileSync(first.path).equals(content)).toBe(true)
    expect(asked).toEqual([undefined, 'bytes=70000-'])
  })

  it('begins anew where the file on the server has changed', async () => {
    const other = Buffer.from(content).reverse()
    const { url, asked } = await serve(whole({ cutAfter: 70_000 }), whole({ tag: '"2"', bytes: other }))
    const { path, done } = fetchTo(url, { sha256: undefined })
    await done
    expect(readFileSync(path).equals(other)).toBe(true)
    expect(asked).toHaveLength(2)
  })

  it('begins anew where the server knows no ranges or no versions', async () => {
    const plain = (_: IncomingMessage, response: ServerResponse) => response.end(content)
    const { url } = await serve((_, response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.write(content.subarray(0, 100), () => setTimeout(() => response.destroy(), 30))
    }, plain)
    const { path, done } = fetchTo(url)
    await done
    expect(readFileSync(path).equals(content)).toBe(true)
  })

  it('takes a partial file that was whole already', async () => {
    const { url } = await serve(whole())
    const path = folder.path('whole.csv')
    writeFileSync(`${path}.partial`, content)
    writeFileSync(`${path}.partial.tag`, '"1"')
    await download({ name: 'file.csv', url, mostBytes: 1e6, sha256 }, { path })
    expect(readFileSync(path).equals(content)).toBe(true)
  })

  it('gives a silent server up, and keeps what came', async () => {
    const { url, asked } = await serve((_, response) => {
      response.writeHead(200, { etag: '"1"', 'content-length': content.length })
      response.write(content.subarray(0, 1000))
    })
    const { path, done } = fetchTo(url, {}, { idleMs: 100, attempts: 2 })
    await expect(done).rejects.toMatchObject({
      ...failure,
      message: expect.stringContaining('no byte came for 0.1 seconds') as string,
    })
    expect(asked).toHaveLength(2)
    expect(readFileSync(`${path}.partial`).length).toBe(1000)
  })

  it.each<[string, RegExp, object, (request: IncomingMessage, response: ServerResponse) => void]>([
    ['wrong checksum', /SHA-256/, { sha256: '0'.repeat(64) }, whole()],
    ['wrong length', /200000 bytes; 7 are expected/, { bytes: 7 }, whole()],
    ['announced as too large', /at most 1000/, { mostBytes: 1000, bytes: undefined }, whole()],
    [
      'too large without a word',
      /at most 1000/,
      { mostBytes: 1000, bytes: undefined },
      (_, response) => {
        response.write(content)
        response.end()
      },
    ],
    [
      'not there',
      /404/,
      {},
      (_, response) => {
        response.writeHead(404).end()
      },
    ],
    [
      'a web page',
      /web page/,
      {},
      (_, response) => {
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>')
      },
    ],
  ])('%s: a coded error, and nothing is left', async (_, says, remote, handler) => {
    const { url, asked } = await serve(handler)
    const { path, done } = fetchTo(url, remote)
    await expect(done).rejects.toMatchObject({ ...failure, message: expect.stringMatching(says) as string })
    expect(asked).toHaveLength(1)
    expect([path, `${path}.partial`, `${path}.partial.tag`].filter(existsSync)).toEqual([])
  })

  it('names the address where nobody answers', async () => {
    const { done } = fetchTo('http://127.0.0.1:1/file.csv', {}, { attempts: 2 })
    await expect(done).rejects.toMatchObject(failure)
  })

  it('tries again after an answer that may pass', async () => {
    const { url, asked } = await serve((_, response) => {
      response.writeHead(503).end()
    }, whole())
    await fetchTo(url).done
    expect(asked).toHaveLength(2)
  })
})
