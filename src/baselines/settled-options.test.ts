import { expect, test } from 'vitest'
import { sessionsOf } from '../data/sessions-of.test-support.ts'
import { baseline } from './baseline.ts'
import { settledOptions } from './settled-options.ts'

test('a number that has no range does not compile, nor one that may be false', () => {
  // @ts-expect-error 'window' is not among the ranges.
  settledOptions('own', {}, { window: 3 })
  // @ts-expect-error Nor is it here.
  settledOptions<{ window: number | false }>('own', {}, { window: false })
  expect(settledOptions('own', { steps: 2 }, { steps: 3, remind: true, similarity: 'share' })).toEqual({
    ...{ steps: 2, remind: true, similarity: 'share' },
  })
})

test('each option is of the type of its default, whatever it is called', () => {
  const refused = (options: object, defaults: { readonly steps: number; readonly mine: boolean }): unknown =>
    settledOptions('own', options as never, defaults)
  for (const options of [{ steps: 'x' }, { steps: 0 }, { steps: false }, { mine: 1 }, { mine: 'yes' }])
    expect(() => refused(options, { steps: 3, mine: true })).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }) as Error,
    )
})

test('a baseline that counts nothing itself is given no session beyond its catalogue', () => {
  const seen: number[] = []
  const own = baseline({ kind: 'own', options: {} }, () => ({
    update: ({ count }) => void seen.push(count),
    score: () => undefined,
  }))
  const fitted = own.fit(sessionsOf([[2, 3]]), { items: 2 })
  const refused = expect.objectContaining({ code: 'OPTION_INVALID' }) as Error
  expect(() => fitted.update(sessionsOf([[2, 3], [4], [2]]))).toThrow(refused)
  expect(() => own.fit(sessionsOf([[2, 4]]), { items: 2 })).toThrow(refused)
  expect(seen).toEqual([1])
})
