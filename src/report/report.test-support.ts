import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { evaluateRanking, type SessionRanks } from '../evaluate/index.ts'
import { sessionsOf } from '../evaluate/sessions-of.test-support.ts'
import { rankedEvaluation, readRun, runFolder, writeEvaluation } from '../runs/index.ts'
import { clock, smallRun } from '../runs/small-run.test-support.ts'
import type { Chart } from './chart.ts'

/** What the page holds in `#report-data`. */
export interface ReportData {
  readonly title: string
  readonly runs: readonly { readonly label: string; readonly run: { readonly name: string } }[]
  readonly charts: readonly Chart[]
}

export function reportData(page: string): ReportData {
  const [, text] = /id="report-data">(.*?)<\/script>/s.exec(page)!
  return JSON.parse(text!) as ReportData
}

/** A run of two epochs, without figures of a test. */
export async function trainedRun(folder: string, name: string): Promise<void> {
  await smallRun({ callbacks: [runFolder(folder, { name, now: clock() })] })
}

/** 40 sessions of three events and 10 of two; the targets are the codes 2 to 5 in turn. */
export const tested = sessionsOf([
  ...Array.from({ length: 40 }, (_, at) => [2, 3, 2 + (at % 4)]),
  ...Array.from({ length: 10 }, (_, at) => [3, 2 + (at % 4)]),
])

/** Puts the figures of what always ranks one column first into the folder, with floors and slices. */
export async function evaluatedRun(
  folder: string,
  options: { readonly best: number; readonly sessions?: typeof tested; readonly filterSeen?: boolean },
): Promise<void> {
  const { best, sessions = tested, filterSeen = false } = options
  const constant = (column: number): Parameters<typeof evaluateRanking>[0] => ({
    ...{ name: 'constant', items: 6, maxLength: 10 },
    score: ({ sessionIndices }) =>
      Float32Array.from({ length: sessionIndices.length * 6 }, (_, at) =>
        at % 6 === column ? 1 : -(at % 6),
      ),
  })
  let ranks: SessionRanks | undefined
  const measure = { ks: [2], filterSeen, slices: ['length' as const] }
  const result = await evaluateRanking(constant(best), sessions, {
    ...measure,
    onRanks: (found) => (ranks = found),
  })
  const popularity = await evaluateRanking(constant(3), sessions, measure)
  const evaluatedAt = new Date(Date.UTC(2024, 0, 2))
  await writeEvaluation(
    folder,
    rankedEvaluation({ result, sessions, evaluatedAt, floors: { popularity }, ...(ranks && { ranks }) }),
  )
}

/** The run over windows of time: 0.1, 0.2 and 0.6 of `ndcg@10`, and a last window without a session to test. */
export async function windowsRun(folder: string, of: string): Promise<void> {
  const { run } = await readRun(of)
  await mkdir(folder)
  await writeFile(join(folder, 'run.json'), JSON.stringify({ ...run, name: 'weeks', kind: 'windows' }))
  const lines = [0.1, 0.2, 0.6, undefined].map((value, at) => ({
    ...{ kind: 'window', time: '2024-01-01T00:00:00.000Z', update: 10 * (at + 1), window: `week ${at + 1}` },
    ...(value !== undefined && { metrics: { 'ndcg@10': value } }),
    ...{ tested: value === undefined ? 0 : 50, updates: 10, seconds: 1 },
  }))
  await writeFile(join(folder, 'events.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
}
