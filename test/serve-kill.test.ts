import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { temporaryFolder } from '../src/artifact/tiny-model.test-support.ts'
import { createRandom } from '../src/random.ts'
import { openShop } from '../src/serve/shop.ts'
import { saved } from '../src/serve/served.test-support.ts'

const KILLS = 3
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))
const attributes = { round: 'number', text: 'text' } as const

/** A server in a process of its own, and its address. */
async function started(config: string): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(
    process.execPath,
    [main, 'serve', '--config', config, '--json', '--log-level', 'silent'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  onTestFinished(() => void child.kill('SIGKILL'))
  const url = await new Promise<string>((resolve, reject) => {
    let text = ''
    child.stdout.on('data', (bytes: Buffer) => {
      text += bytes.toString()
      const found = /"url":\s*"([^"]+)"/.exec(text)
      if (found !== null) resolve(found[1]!)
    })
    child.once('exit', () => reject(new Error('The server ended.')))
  })
  return { child, url }
}

test(`what was answered 200 is there after kill -9, ${KILLS} times`, async () => {
  const root = await temporaryFolder()
  const folder = join(root, 'state', 'catalogue')
  const model = await saved(root, 'shop')
  const config = join(root, 'serve.json')
  await mkdir(join(root, 'state'))
  await writeFile(
    config,
    JSON.stringify({ models: [{ name: 'shop', folder: model }], port: 0, catalogue: { attributes, folder } }),
  )
  const random = createRandom(5)
  /** What was answered, and what of it was asked afterwards and may or may not be there. */
  const answered = new Map<string, number | undefined>()
  let asked = 0
  for (let kill = 0; kill < KILLS; kill++) {
    const { child, url } = await started(config)
    const exited = new Promise((done) => child.once('exit', done))
    let left = 30 + random.below(60)
    const unsure = new Map<string, number | undefined>()
    const caller = async (number: number): Promise<void> => {
      for (;;) {
        const item = `${number}-${random.below(20)}`
        const round = asked++
        const isRemoval = random.below(4) === 0
        const body = isRemoval
          ? { items: [item] }
          : { items: [{ item, attributes: { round, text: 'x'.repeat(random.below(900)) } }] }
        unsure.set(item, isRemoval ? undefined : round)
        const answer = await fetch(`${url}/v1/catalogue/${isRemoval ? 'removals' : 'items'}`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }).catch(() => undefined)
        if (answer === undefined) return
        expect(answer.status).toBe(200)
        answered.set(item, isRemoval ? undefined : round)
        unsure.delete(item)
        // The other callers' changes are under way.
        if (left-- === 0) child.kill('SIGKILL')
      }
    }
    await Promise.all([0, 1, 2, 3].map(caller))
    await exited
    const shop = await openShop(
      { catalogue: { attributes, folder } },
      { log: { info: () => undefined, warn: () => undefined }, time: Date.now },
    )
    const roundOf = (item: string): unknown => shop.catalogue!.get(item)?.attributes?.['round']
    for (const [item, round] of answered)
      if (!unsure.has(item)) expect(roundOf(item), item).toBe(round)
      else {
        expect([round, unsure.get(item)], item).toContain(roundOf(item))
        answered.set(item, roundOf(item) as number | undefined)
      }
    await shop.close()
  }
  expect(asked).toBeGreaterThan(30 * KILLS)
  const { child, url } = await started(config)
  const { size } = (await (await fetch(`${url}/v1/catalogue`)).json()) as { readonly size: number }
  expect(size).toBeGreaterThanOrEqual([...answered.values()].filter((round) => round !== undefined).length)
  expect(child.kill()).toBe(true)
})
