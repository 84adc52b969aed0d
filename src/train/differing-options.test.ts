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
])('names %s', (_, other, text) => {
  expect(differingOptions(of(), other)).toEqual(text)
})

test('names the first few, shortened', () => {
  const many = Object.fromEntries(Array.from({ length: 7 }, (_, at) => [`option${at}`, 'x'.repeat(500)]))
  const text = differingOptions(of(), of(many))
  expect(text).toMatch(/^option0 \(none there, "x+… here\), .*option3 .*, 3 more$/)
  expect(text.length).toBeLessThan(400)
})

test.each(['', 'a run', 'null', '3', '"text"'])('says nothing that is not so of the text "%s"', (text) => {
  expect(differingOptions(text, text)).toBe('')
})
