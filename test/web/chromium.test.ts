import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeRuntime } from '../../src/graph/node.ts'
import { expectAgreement } from './agree.ts'
import { runSmallTrainingStep } from './small-training-step.ts'

const root = path.resolve(import.meta.dirname, '../..')
const executable = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const installed = existsSync(executable)
const title = installed
  ? 'headless Chromium'
  : `headless Chromium (skipped: none at ${executable}; install it, or name one in the environment variable CHROMIUM)`

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
}

/** Serves the built page at `/` and ONNX Runtime's own files at `/ort/`. */
async function serve(folder: string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const file = pathname.startsWith('/ort/')
      ? path.join(root, 'node_modules/onnxruntime-web/dist', path.basename(pathname))
      : path.join(folder, path.basename(pathname) || 'index.html')
    readFile(file).then(
      (content) => response.setHeader('content-type', types[path.extname(file)] ?? 'text/plain').end(content),
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return server
}

describe.skipIf(!installed)(title, () => {
  let folder: string
  let server: Server
  let browser: Browser

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'ensuite-page-'))
    await build({
      root: import.meta.dirname,
      configFile: false,
      logLevel: 'error',
      build: {
        outDir: folder,
        assetsDir: '', // everything beside the page
        emptyOutDir: false,
        rolldownOptions: { input: path.join(import.meta.dirname, 'page.html') },
      },
    })
    server = await serve(folder)
    browser = await chromium.launch({
      executablePath: executable,
      args: [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    })
  }, 120_000)

  afterAll(async () => {
    await browser.close()
    server.close()
    await rm(folder, { recursive: true, force: true })
  })

  test('gives the numbers of the native build', async () => {
    const page = await browser.newPage()
    const errors: string[] = []
    page.on('pageerror', (error) => errors.push(error.message))
    const { port } = server.address() as AddressInfo
    await page.goto(`http://127.0.0.1:${port}/page.html`)
    const received = await page.evaluate<Readonly<Record<string, readonly number[]>>>('window.results')
    expect(errors).toEqual([])
    expectAgreement(received, await runSmallTrainingStep(nodeRuntime({ threads: 1 })))
  })
})
