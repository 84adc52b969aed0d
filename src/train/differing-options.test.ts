import { expect, test } from 'vitest'
import { differingOptions } from './differing-options.ts'
import { fingerprint } from './fingerprint.ts'
import { randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'

const options = { seed: 6, epochs: 4, optimizer: { learningRate: 0.01 }, schedule: {}, ks: [10] }
const sessions = sessionsOf(randomSessions(5, 1))
const of = (change: object = {}, data = sessions, model = tinyModel()): string =>
  fingerprint(model, [data], { ...options, ...change })

test.each([
  ['nothing', of(), ''],
  ['an option', of({ seed: 7 }), 'seed (6 there, 7 here)'],
  [
    'one of the optimizer',
    of({ optimizer: { learningRate: 0.1 } }),
    'optimizer.learningRate (0.01 there, 0.1 here)',
  ],
  ['one that was not given', of({ schedule: { warmup: 3 } }), 'schedule.warmup (none there, 3 here)'],
  ['a list', of({ ks: [5, 10] }), 'ks ([10] there, [5,10] here)'],
  ['the data', of({}, sessionsOf(randomSessions(5, 2))), 'the sessions'],
  [
    'the block',
    of({}, sessions, tinyModel({ dropout: 0.2 })),
    expect.stringMatching(/^block\.dropout \(\S+ there, 0.2 here\)$/),
  ],
  [
    'an option of a head',
    of({}, sessions, tinyModel({ head: { weight: 0.5 } })),
    'heads[0].weight (1 there, 0.5 here)',
  ],
])('names %s', (_, other, text) => {
  expect(differingOptions(of(), other)).toEqual(text)
})

test('names the first few, shortened', () => {
  const many = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`option${at}`, 'x'.repeat(500)]))
  const text = differingOptions(of(), of(many))
  expect(text).toMatch(/^option0 \(none there, "x+… here\), .*option3 .*, 3 more$/)
  expect(text.length).toBeLessThan(400)
})

test('names only the option of many heads that differs, and a head that was added', () => {
  const heads = Array.from({ length: 9 }, (_, at) => ({ kind: 'regression', name: `head-${at}`, weight: 1 }))
  const changed = heads.map((head, at) => (at === 7 ? { ...head, weight: 0.5 } : head))
  expect(differingOptions(of({ heads }), of({ heads: changed }))).toBe('heads[7].weight (1 there, 0.5 here)')
  expect(differingOptions(of({ heads }), of({ heads: [...heads, { kind: 'binary' }] }))).toBe(
    'heads[9].kind (none there, "binary" here)',
  )
})

test('a long value is shown from where it differs', () => {
  const ks = Array.from({ length: 100 }, (_, at) => at)
  const text = differingOptions(of({ ks }), of({ ks: [...ks.slice(0, 50), 77, ...ks.slice(51)] }))
  expect(text).toMatch(/^ks \(….*,49,50,51,.*… there, ….*,49,77,51,.*… here\)$/)
  const cut = differingOptions(of({ ks }), of({ ks: ks.slice(0, 60) }))
  expect(cut).toMatch(/^ks \(….*,59,60,.*… there, ….*,59\] here\)$/)
})

test.each(['', 'a run', 'null', '3', '"text"'])('says nothing that is not so of the text "%s"', (text) => {
  expect(differingOptions(text, text)).toBe('')
})
