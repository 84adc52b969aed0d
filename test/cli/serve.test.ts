import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../../src/artifact/tiny-model.test-support.ts'
import { keyOptions, keys, saved } from '../../src/serve/served.test-support.ts'

const main = join(import.meta.dirname, '../../dist/cli/main.js')

interface Started {
  readonly child: ChildProcess
  readonly url: string
  readonly admin?: string
  readonly ended: Promise<number | null>
}

async function start(flags: readonly string[], stderr: 'pipe' | number = 'pipe'): Promise<Started> {
  const artifact = await saved(await temporaryFolder(), 'shop')
  const child = spawn(
    process.execPath,
    [main, 'serve', artifact, '--port', '0', '--threads', '1', '--json', ...flags],
    {
      stdio: ['ignore', 'pipe', stderr],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (text: Buffer) => resolve(text.toString()))
    let said = ''
    child.stderr?.on('data', (text: Buffer) => (said += text.toString()))
    child.once('exit', (code) => reject(new Error(`${code}: ${said}`)))
  })
  return { child, ended, ...(JSON.parse(line) as { url: string; admin?: string }) }
}

const body = JSON.stringify({ events: [{ item: 'i3' }] })

test('SIGTERM under load: what was accepted is answered, then the process ends with 0', async () => {
  const { child, url, ended } = await start(['--log-level', 'debug'])
  let log = ''
  child.stderr!.on('data', (text: Buffer) => (log += text.toString()))
  const agent = new Agent({ keepAlive: true, maxSockets: 8 })
  let closed = false
  const seen: (number | string)[] = []
  const ask = (): Promise<number | string> =>
    new Promise((resolve) => {
      const asked = request(
        `${url}/v1/recommend`,
        { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
        (answer) => {
          let text = ''
          answer.on('data', (data: Buffer) => (text += data.toString()))
          answer.on('end', () => resolve(text.endsWith('}') ? answer.statusCode! : 'cut off'))
          answer.on('error', () => resolve('cut off'))
        },
      )
      asked.on('error', (error: NodeJS.ErrnoException) => {
        // A new connection that waited to be accepted when the server stopped to listen.
        resolve(error.code === 'ECONNRESET' && !asked.reusedSocket ? 'ECONNREFUSED' : (error.code ?? 'lost'))
      })
      asked.end(body)
    })
  const caller = async (): Promise<void> => {
    while (!closed) {
      const answer = await ask()
      seen.push(answer)
      // Nobody listens any more: this one was never accepted.
      if (answer === 'ECONNREFUSED') return
    }
  }
  const callers = Promise.all(Array.from({ length: 8 }, caller))
  await new Promise((done) => setTimeout(done, 1_000))
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
  closed = true
  await callers
  const answered = seen.filter((each) => each === 200).length
  expect(answered).toBeGreaterThan(20)
  // What the server took and answered is what callers were given: none was accepted and lost.
  expect(log.match(/"status":200,/g)).toHaveLength(answered)
  expect(seen.filter((each) => ![200, 503, 'ECONNREFUSED'].includes(each))).toEqual([])
})

/** Says on the descriptor 3 when the process begins to hear SIGTERM. */
const telling = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs'
  process.on('newListener', (name) => name === 'SIGTERM' && queueMicrotask(() => writeSync(3, 'hears')))
`)}`

test.each([0, 200, 400, 800])(
  'SIGTERM while it starts, %i ms after it is first heard, ends it with 0',
  async (afterMs) => {
    const artifact = await saved(await temporaryFolder(), 'shop')
    const flags = ['--port', '0', '--threads', '1', '--log-level', 'warn']
    const child = spawn(process.execPath, ['--import', telling, main, 'serve', artifact, ...flags], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const ended = new Promise((resolve) => child.once('close', (...how) => resolve(how)))
    let [said, errors] = ['', '']
    child.stdout!.on('data', (text: Buffer) => (said += text.toString()))
    child.stderr!.on('data', (text: Buffer) => (errors += text.toString()))
    await new Promise((heard) => child.stdio[3]!.once('data', heard))
    await new Promise((done) => setTimeout(done, afterMs))
    child.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
    // That is before it listens.
    if (afterMs === 0) expect(said).toBe('')
    expect(errors).toBe('')
  },
)

test.skipIf(!existsSync('/dev/full'))('a log on a full disk ends nothing', async () => {
  const { child, url, ended } = await start(['--log-level', 'debug'], openSync('/dev/full', 'w'))
  for (let at = 0; at < 5; at++) {
    const answer = await fetch(`${url}/v1/recommend`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.status).toBe(200)
  }
  child.kill('SIGTERM')
  expect(await ended).toBe(0)
})

test('keys come from a file or the environment, and are needed beyond this machine', async () => {
  const folder = await temporaryFolder()
  const file = join(folder, 'keys.json')
  await writeFile(file, JSON.stringify({ keys: keyOptions }))
  await expect(start(['--host', '0.0.0.0'])).rejects.toThrow(/^2: error \[KEYS_MISSING\]/m)
  await expect(start(['--keys', join(folder, 'none.json')])).rejects.toThrow(/error \[FILE_NOT_FOUND\]/)
  const { url, admin } = await start(['--host', '0.0.0.0', '--keys', file, '--admin-port', '0'])
  const port = new URL(url).port
  const status = async (at: string, key?: string): Promise<number> =>
    (await fetch(at, { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } })).status
  expect(await status(`http://127.0.0.1:${port}/v1/models`)).toBe(401)
  expect(await status(`http://127.0.0.1:${port}/v1/models`, keys.read)).toBe(200)
  expect(new URL(admin!).hostname).toBe('127.0.0.1')
  expect(await status(`${admin!}/admin/models`, keys.admin)).toBe(200)
})

test.skipIf(process.platform !== 'linux')('what scores has a lower priority than what answers', async () => {
  const { child, url } = await start([])
  const { status } = await fetch(`${url}/v1/recommend`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  expect(status).toBe(200)
  const tasks = `/proc/${child.pid!}/task`
  // Behind the name, which stands in brackets, the 17th field.
  const niceOf = (task: string): number =>
    Number(readFileSync(`${tasks}/${task}/stat`, 'utf8').split(') ').at(-1)!.split(' ')[16])
  const answering = niceOf(String(child.pid!))
  expect(readdirSync(tasks).some((task) => niceOf(task) > answering)).toBe(true)
})
