import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium, type Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evaluatedRun, trainedRun, windowsRun } from '../../src/report/report.test-support.ts'
import { writeReport } from '../../src/report/write-report.ts'
import { tune } from '../../src/tune/index.ts'

const executable = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const installed = existsSync(executable)
const title = installed
  ? 'a report in headless Chromium'
  : `a report in headless Chromium (skipped: none at ${executable}; install it, or name one in the environment variable CHROMIUM)`

/** What a browser says of a drawing, asked in the page itself. */
const DRAWINGS = `(() => {
  for (const each of document.querySelectorAll('details')) each.open = true
  return [...document.querySelectorAll('svg')].map((svg) => {
    const { width, height } = svg.getBoundingClientRect()
    const figure = svg.closest('figure').getBoundingClientRect()
    const texts = [...svg.querySelectorAll('text')].map((text) => ({ text: text.textContent, ...text.getBoundingClientRect().toJSON() }))
    const own = svg.getBoundingClientRect()
    return {
      width,
      height,
      label: svg.getAttribute('aria-label'),
      cut: texts.filter((text) => text.left < own.left - 1 || text.right > own.right + 1 || text.bottom > own.bottom + 1).map(({ text }) => text),
      outside: svg.parentElement.getBoundingClientRect().right > figure.right + 1,
    }
  })
})()`

interface Drawing {
  readonly width: number
  readonly height: number
  readonly label: string | null
  /** Texts that reach over the edge. */
  readonly cut: readonly string[]
  readonly outside: boolean
}

describe.skipIf(!installed)(title, () => {
  let folder: string
  let browser: Browser
  let charts: number

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'ensuite-report-'))
    const at = (name: string): string => path.join(folder, name)
    await trainedRun(at('first'), 'first')
    await trainedRun(at('second'), '<script>document.title = "harm"</script>')
    await evaluatedRun(at('first'), { best: 0 })
    await evaluatedRun(at('second'), { best: 3 })
    await windowsRun(at('weeks'), at('first'))
    await tune(({ settings }) => Promise.resolve({ value: Number(settings['rate']) }), {
      ...{ folder: at('search'), trials: 4 },
      space: { rate: { from: 0.001, to: 1, scale: 'log' }, kind: { values: ['a', { b: 1 }] } },
    })
    const folders = ['first', 'second', 'weeks', 'search'].map(at)
    const written = await writeReport(folders, {
      ...{ out: at('report.html'), title: 'Reported', writtenAt: new Date(0) },
    })
    charts = written.charts
    browser = await chromium.launch({
      executablePath: executable,
      args: ['--headless', '--no-sandbox', '--disable-gpu', '--no-first-run'],
    })
  }, 60_000)

  afterAll(async () => {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  })

  test.each([
    [400, 'light'],
    [1280, 'light'],
    [1280, 'dark'],
  ] as const)('at %d pixels, %s, all charts can be seen', async (width, colorScheme) => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme })
    const said: string[] = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    await page.goto(pathToFileURL(path.join(folder, 'report.html')).href)
    const drawings = await page.evaluate<readonly Drawing[]>(DRAWINGS)
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(drawings).toHaveLength(charts)
    for (const drawing of drawings) {
      expect(drawing.label).toMatch(/\w/)
      expect(drawing).toMatchObject({ cut: [], outside: false })
      expect(Math.min(drawing.width, drawing.height)).toBeGreaterThan(100)
    }
    expect(await page.title()).toBe('Reported')
    // A refused style would be said here, and the ground stay white.
    expect(said).toEqual([])
    const ground = await page.evaluate('getComputedStyle(document.body).backgroundColor')
    expect(ground).toBe(colorScheme === 'dark' ? 'rgb(21, 23, 26)' : 'rgb(255, 255, 255)')
    await page.close()
  })
})
