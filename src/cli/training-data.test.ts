import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { popularity } from '../baselines/index.ts'
import { evaluateRanking } from '../evaluate/index.ts'
import { expressions as f } from '../expressions/index.ts'
import { workflow } from '../workflow/index.ts'
import { loadTrainingData } from './training-data.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-training-data-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** Twenty sessions one after the other, of these items; the last two test, the two before them validate. */
async function loaded(last: readonly (readonly string[])[]): Promise<{ note: string; measured: number }> {
  const sessions = [...Array.from({ length: 20 - last.length }, () => ['a', 'b', 'c']), ...last]
  const rows = sessions.flatMap((items, session) =>
    items.map((item, at) => `s${session},${item},${100 * session + at}`),
  )
  const path = join(folder, 'clicks.csv')
  writeFileSync(path, `session,item,time\n${rows.join('\n')}\n`)
  const notes: string[] = []
  const data = await loadTrainingData(
    {
      events: { path },
      workflow: workflow({ session: 'session', item: f.category('item'), time: f.column('time', 'seconds') }),
      split: { kind: 'time', validation: 0.1, test: 0.1 },
      learnFromAll: false,
    },
    { json: false, live: false, result: () => undefined, note: (line) => void notes.push(line) },
  )
  const scorer = popularity().fit(data.known, { items: 3 })
  const { sessions: measured } = await evaluateRanking(scorer, data.test, { ks: [1] })
  return { note: notes[0]!, measured }
}

test('what is measured is what the line says, less what it says is left out', async () => {
  const whole = await loaded([])
  expect(whole.note).toMatch(/, 2 and 2 to validate and test, 3 items$/)
  expect(whole.measured).toBe(2)
  // Nothing comes before a single event, nor before the last one where no other is known.
  const short = await loaded([['a'], ['a', 'b'], ['new', 'newer', 'a'], ['a', 'b', 'c']])
  expect(short.note).toContain('2 and 2 to validate and test, of which 1 and 1 are left out (one event')
  expect(short.measured).toBe(1)
})
