import { expect, test } from 'vitest'
import { fingerprint } from './fingerprint.ts'
import { randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'

const sessions = sessionsOf(randomSessions(5, 1))
const validation = sessionsOf(randomSessions(5, 2))
const of = fingerprint(tinyModel(), [sessions, validation], { seed: 1 })

test('the same model, data and options have the same text', () => {
  const again = sessionsOf(randomSessions(5, 1))
  expect(fingerprint(tinyModel(), [again, validation], { seed: 1 })).toBe(of)
})

const event = (place: number, by: number): Int32Array =>
  sessions.items.map((code, at) => (at === place ? code + by : code))
test.each([
  ['block', fingerprint(tinyModel({ block: 'gpt2' }), [sessions, validation], { seed: 1 })],
  ['option of the block', fingerprint(tinyModel({ dropout: 0.2 }), [sessions, validation], { seed: 1 })],
  ['schema', fingerprint(tinyModel({ brand: true }), [sessions, validation], { seed: 1 })],
  ['length', fingerprint({ ...tinyModel(), maxLength: 9 }, [sessions, validation], { seed: 1 })],
  ['option of the run', fingerprint(tinyModel(), [sessions, validation], { seed: 2 })],
  ['one event', fingerprint(tinyModel(), [{ ...sessions, items: event(3, 1) }, validation], { seed: 1 })],
  [
    'one brand',
    fingerprint(tinyModel(), [{ ...sessions, categorical: { brand: event(3, 1) } }, validation], { seed: 1 }),
  ],
  ['validation', fingerprint(tinyModel(), [sessions], { seed: 1 })],
  ['an event of validation', fingerprint(tinyModel(), [sessions, sessions], { seed: 1 })],
])('another %s has another text', (_, other) => {
  expect(other).not.toBe(of)
})
