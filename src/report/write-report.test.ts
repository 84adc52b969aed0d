import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { compareEvaluations, readRun } from '../runs/index.ts'
import { tune } from '../tune/index.ts'
import type { Chart } from './chart.ts'
import { evaluatedRun, reportData, tested, trainedRun, windowsRun } from './report.test-support.ts'
import { writeReport } from './write-report.ts'

const HARMFUL = '<script>alert("a & b")</script>'
const writtenAt = new Date(Date.UTC(2024, 0, 3))

let folder: string
const at = (name: string): string => join(folder, name)
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'report-'))
  await trainedRun(at('first'), 'first')
  await trainedRun(at('harmful'), HARMFUL)
  await evaluatedRun(at('first'), { best: 0 })
  await evaluatedRun(at('harmful'), { best: 3 })
  await windowsRun(at('weeks'), at('first'))
  await tune(({ settings, trial }) => Promise.resolve({ value: Number(settings['rate']) * trial }), {
    ...{ folder: at('search'), trials: 4 },
    space: { rate: { from: 0.001, to: 1, scale: 'log' }, kind: { values: ['a', { b: 1 }] } },
  })
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function pageOf(names: readonly string[]): Promise<{
  readonly text: string
  readonly chart: (id: string) => Chart
}> {
  const out = at('page.html')
  await writeReport(names.map(at), { out, writtenAt })
  const text = await readFile(out, 'utf8')
  return { text, chart: (id) => reportData(text).charts.find((chart) => chart.id === id)! }
}

test('curves are what the run folder holds, and the best evaluation has the mark', async () => {
  const { chart } = await pageOf(['first'])
  const { run, events } = await readRun(at('first'))
  const updates = events.filter((event) => event.kind === 'update')
  expect(updates).toHaveLength(10)
  for (const value of ['updateLoss', 'learningRate', 'gradientNorm'] as const)
    expect(chart(`update-${value.toLowerCase()}`).rows).toEqual(
      updates.map((event) => ({ series: 'first', x: event.update, y: event[value] })),
    )
  const evaluations = events.filter((event) => event.kind === 'evaluation')
  const { rows } = chart('validation-1-ndcg-10')
  expect(rows.map(({ x, y }) => [x, y])).toEqual(
    evaluations.map(({ update, validation }) => [update, validation['ndcg@10']]),
  )
  expect(rows.filter(({ mark }) => mark === 'best').map(({ x }) => x)).toEqual([run.result!.best!.update])
})

test('figures stand beside floors, which runs on the same sessions have once', async () => {
  const { chart } = await pageOf(['first', 'harmful'])
  const { evaluation } = await readRun(at('first'))
  const { mean, low, high } = evaluation!.figures['recall@2']!
  // The order is 0, 1 behind the favourite: targets 0 and 1 of four are among two, then 0 and 3.
  const { rows } = chart('final-metrics-2-recall-2')
  expect(rows[0]).toEqual({ series: 'runs', x: 'first', y: mean, low, high })
  expect(mean).toBeCloseTo(26 / 50)
  expect(rows.map(({ x }) => x)).toEqual(['first', HARMFUL, 'popularity'])
})

test('slices of the evaluation are kept and drawn, with few sessions marked', async () => {
  const { chart } = await pageOf(['first'])
  expect(chart('slices-1-recall-2').rows).toMatchObject([
    { x: '1 (10, few)', y: 6 / 10, sessions: 10 },
    { x: '2 (40)', y: 20 / 40, sessions: 40 },
  ])
})

test('two runs are compared session by session, and on other sessions it says so', async () => {
  const { text } = await pageOf(['first', 'harmful'])
  const [first, second] = await Promise.all(['first', 'harmful'].map((name) => readRun(at(name))))
  const { difference } = compareEvaluations(first!.evaluation!, second!.evaluation!, 'ndcg@2')
  const cells = `<td>ndcg@2</td><td class="number">${Number(difference.toPrecision(4))}</td>`
  expect(text.includes(cells)).toBe(true)

  await trainedRun(at('others'), 'others')
  const sessions = { ...tested, items: tested.items.map((item) => (item === 2 ? 3 : item)) }
  await evaluatedRun(at('others'), { best: 3, sessions })
  const page = await pageOf(['first', 'others'])
  const why = 'first and others are not compared. The runs were evaluated on other sessions'
  expect(page.text.includes(why)).toBe(true)
})

test('a folder that is given twice, by whatever path, is refused', async () => {
  await expect(
    pageOf(['first', 'harmful', '../' + folder.split('/').at(-1)! + '/first']),
  ).rejects.toMatchObject({
    code: 'OPTION_INVALID',
    message: expect.stringContaining('twice') as string,
  })
})

test('two runs of which one had seen items filtered are not compared', async () => {
  await trainedRun(at('filtered'), 'filtered')
  await evaluatedRun(at('filtered'), { best: 0, filterSeen: true })
  const { text } = await pageOf(['first', 'filtered'])
  expect(text).toContain(
    'first and filtered are not compared. The runs were evaluated with filterSeen false and true, and cannot be compared.',
  )
  expect(text).not.toContain('p-value</th>')
})

test('windows are drawn with their mean over time', async () => {
  const { chart } = await pageOf(['weeks'])
  const { rows, levels } = chart('windows-1-ndcg-10')
  expect(rows.map(({ x, y }) => [x, y])).toEqual([
    ['week 1', 0.1],
    ['week 2', 0.2],
    ['week 3', 0.6],
  ])
  expect(levels![0]!.y).toBeCloseTo(0.3)
})

test('a search has its trials in order, the best so far, and each setting on its own axis', async () => {
  const { chart, text } = await pageOf(['search'])
  const order = chart('search-1-order')
  expect(order.rows.map(({ x }) => x)).toEqual([1, 2, 3, 4])
  let best = -Infinity
  for (const { y, mark } of order.rows) {
    expect(mark !== undefined).toBe(y > best)
    best = Math.max(best, y)
  }
  expect(chart('search-1-setting-1').x.scale).toBe('log')
  expect(chart('search-1-setting-2').rows.every(({ x }) => x === 'a' || x === '{"b":1}')).toBe(true)
  expect(text.includes('Trials, best first')).toBe(true)
})

test('trials whose settings are on no axis are in the table alone', async () => {
  await mkdir(at('altered'))
  await writeFile(at('altered/tune.json'), await readFile(at('search/tune.json')))
  const trial = { trial: 1, budget: 1, settings: { rate: -1, kind: 'a' }, value: 2, seconds: 1 }
  const failed = { trial: 2, budget: 1, settings: {}, error: { code: 'X', message: '<b>' }, seconds: 1 }
  await writeFile(at('altered/trials.jsonl'), `${JSON.stringify(trial)}\n${JSON.stringify(failed)}\n{"tri`)
  const { text, chart } = await pageOf(['altered'])
  expect(text.includes('rate has no value that can be drawn')).toBe(true)
  expect(text.includes('[X] &lt;b&gt;')).toBe(true)
  expect(chart('search-1-setting-2').rows).toEqual([{ series: 'budget 1', x: 'a', y: 2 }])
})

test('the page loads nothing, runs nothing, and shows text of runs as text', async () => {
  const { text } = await pageOf(['harmful', 'first', 'weeks', 'search'])
  expect(text.includes('<script>alert')).toBe(false)
  expect(text.includes('&lt;script&gt;alert(&quot;a &amp; b&quot;)&lt;/script&gt;')).toBe(true)
  expect(text.match(/<script/g)).toEqual(['<script'])
  expect(text.match(/<style/g)).toEqual(['<style'])
  expect(text.match(/ style=| on[a-z]+=|https?:|url\(|@import/g)).toBe(null)
  expect(
    text.match(/Content-Security-Policy" content="default-src 'none'; style-src 'sha256-/g),
  ).toHaveLength(1)
  const { runs, charts } = reportData(text)
  expect(runs[0]).toMatchObject({ label: HARMFUL, run: { name: HARMFUL } })
  expect(text.match(/<svg [^>]*role="img" aria-label="[^"]+"/g)).toHaveLength(charts.length)
})

test('a run that failed says so, with what was looked for', async () => {
  const { run } = await readRun(at('first'))
  const { endedAt, result, ...begun } = run
  expect([endedAt, result]).not.toContain(undefined)
  const finding = { kind: 'cut-session', severity: 'by-design', count: 12, examples: [], message: 'Twelve.' }
  const error = { code: 'TRAINING_DIVERGED', message: 'The loss is <NaN>.' }
  await mkdir(at('failed'))
  const more = { name: 'failed', status: 'failed', commit: 'abc', error, settings: { leakage: [finding] } }
  await writeFile(at('failed/run.json'), JSON.stringify({ ...begun, ...more }))
  const { text } = await pageOf(['failed'])
  for (const part of [
    '<td>[TRAINING_DIVERGED] The loss is &lt;NaN&gt;.</td>',
    '<td>Commit</td><td>abc</td>',
    '<td>by-design</td><td>cut-session</td><td>12</td><td>Twelve.</td>',
  ])
    expect([part, text.includes(part)]).toEqual([part, true])
  // Parts without data are not there.
  expect(text.match(/<section id="[^"]+"/g)).toEqual(['<section id="run-1"'])
})

test('runs of the same name are told apart', async () => {
  await cp(at('first'), at('copy'), { recursive: true })
  const { text } = await pageOf(['first', 'copy'])
  expect(reportData(text).runs.map(({ label }) => label)).toEqual(['first', 'first (2)'])
})

describe('what is refused', () => {
  test.each<[string, () => Promise<unknown>, string]>([
    ['no folder', () => pageOf([]), 'OPTION_INVALID'],
    ['too many', () => pageOf(Array.from({ length: 51 }, () => 'first')), 'OPTION_INVALID'],
    ['a folder that is not there', () => pageOf(['none']), 'RUN_INVALID'],
    ['another search', () => pageOf(['bad-search']), 'CHECKPOINT_INVALID'],
    ['a search without its space', () => pageOf(['no-space']), 'CHECKPOINT_INVALID'],
    ['a search behind a link', () => pageOf(['linked']), 'PATH_ESCAPES'],
    [
      'an empty title',
      () => writeReport([at('first')], { out: at('x.html'), title: '', writtenAt }),
      'OPTION_INVALID',
    ],
    [
      'an option that is none',
      () => writeReport([at('first')], { out: at('x.html'), titel: 'a', writtenAt } as never),
      'OPTION_UNKNOWN',
    ],
    [
      'a file that is no report',
      () => writeReport([at('first')], { out: at('notes'), writtenAt }),
      'OUTPUT_EXISTS',
    ],
    [
      'a folder, also to be overwritten',
      () => writeReport([at('first')], { out: at('first'), overwrite: true, writtenAt }),
      'OUTPUT_EXISTS',
    ],
    [
      'a place under a file',
      () => writeReport([at('first')], { out: join(at('notes'), 'x.html'), writtenAt }),
      'FILE_UNWRITABLE',
    ],
  ])('%s', async (_, attempt, code) => {
    await writeFile(at('notes'), 'mine')
    await mkdir(at('bad-search'), { recursive: true })
    await writeFile(at('bad-search/tune.json'), '{"format":"other"}')
    await mkdir(at('no-space'), { recursive: true })
    await writeFile(at('no-space/tune.json'), '{"format":"ensuite-tune","version":1,"space":{}}')
    await mkdir(at('linked'), { recursive: true })
    await symlink(at('search/tune.json'), at('linked/tune.json')).catch(() => undefined)
    const error: unknown = await attempt().then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(EnsuiteError)
    expect((error as EnsuiteError).code).toBe(code)
    expect(await readFile(at('notes'), 'utf8')).toBe('mine')
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([])
  })

  test('a report is replaced, another file only where that is asked for', async () => {
    const out = at('again.html')
    await writeFile(out, 'mine')
    await writeReport([at('search')], { out, overwrite: true, writtenAt })
    await writeReport([at('search')], { out, title: 'Anew', writtenAt })
    expect(reportData(await readFile(out, 'utf8')).title).toBe('Anew')
  })
})
