import { describe, expect, test } from 'vitest'
import { gru } from '../blocks/index.ts'
import { RESERVED } from '../codes.ts'
import { nextItem } from '../heads/index.ts'
import { causal } from '../masking/index.ts'
import { model, type Model } from '../model.ts'
import { differingOptions } from './differing-options.ts'
import { fingerprint } from './fingerprint.ts'
import { ITEMS, randomSessions, sessionsOf, tinyModel } from './tiny-model.test-support.ts'

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

describe('a model that is given vectors and content', () => {
  const made = (vectors: Partial<Record<'text' | 'image', number>>) =>
    model(
      { items: ITEMS + RESERVED, categorical: {}, continuous: [] },
      {
        inputs: {
          pretrained: { text: { width: 2, normalise: false } },
          content: { vectors: { image: 2 } },
        },
        pretrained: { text: filled(vectors.text ?? 1) },
        content: { image: filled(vectors.image ?? 1) },
        ...{ masking: causal(), block: gru({ width: 8, layers: 1 }), heads: [nextItem()], maxLength: 8 },
      },
    )
  const filled = (value: number): Float32Array => new Float32Array(2 * (ITEMS + RESERVED)).fill(value)
  const textOf = (of: Model): string => fingerprint(of, [sessions], { seed: 1 })

  test.each([[{ text: 2 }], [{ image: 2 }]])('has another text where these are others: %j', (others) => {
    expect(textOf(made({}))).toBe(textOf(made({ text: 1 })))
    expect(textOf(made(others))).not.toBe(textOf(made({})))
    expect(differingOptions(textOf(made(others)), textOf(made({})))).toBe(
      'the values of pretrained vectors or content',
    )
  })

  test('alone has a digest of them', () => {
    expect(Object.keys(JSON.parse(textOf(made({}))) as object)).toContain('given')
    expect(Object.keys(JSON.parse(of) as object)).not.toContain('given')
  })
})
