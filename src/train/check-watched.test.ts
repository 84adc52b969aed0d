import { describe, expect, test } from 'vitest'
import { binary, multiClass, nextItem, regression } from '../heads/index.ts'
import { checkWatched } from './check-watched.ts'
import { sessionsOf } from './tiny-model.test-support.ts'

const schema = { items: 22, categorical: { brand: 5 }, continuous: ['click', 'price', 'steady'] }
const itemHead = nextItem()
const others = [
  binary({ target: 'click' }),
  regression({ target: 'price' }),
  multiClass({ target: 'brand', classes: 3 }),
  regression({ target: 'steady' }),
  multiClass({ target: 'brand', classes: 3, name: 'other' }),
]
const sessions = {
  ...sessionsOf([
    [2, 3],
    [4, 5],
  ]),
  categorical: { brand: Int32Array.of(2, 3, 2, 1) },
  continuous: {
    click: Float32Array.of(0, 1, 0, 0),
    price: Float32Array.of(1, 2, 1, 3),
    steady: Float32Array.of(1, 2, 3, 2),
  },
}
/** Of a model with an item head, and of one without. */
const ranking = { schema, heads: [itemHead, ...others], itemHead }
const only = { schema, heads: others, itemHead: undefined }
const check = (metric: string, ks: readonly number[] = [10, 20]) =>
  checkWatched({ metric, ks }, { model: ranking, sessions })
const checkOnly = (metric: string, given = sessions) =>
  checkWatched({ metric, ks: [] }, { model: only, sessions: given })
const invalid = (message: RegExp): Error =>
  expect.objectContaining({
    code: 'OPTION_INVALID',
    message: expect.stringMatching(message) as string,
  }) as Error

test.each([
  ...['ndcg@10', 'recall@20', 'precision@10', 'map@20', 'mrr@10', 'click/auc', 'click/f1'].map(
    (metric) => [metric, 'higher'] as const,
  ),
  ['price/rmse', 'lower'],
  ['price/mae', 'lower'],
  ['price/r2', 'higher'],
  ['click/logLoss', 'lower'],
  ['brand/logLoss', 'lower'],
  ['other/accuracy', 'higher'],
] as const)('%s is measured, and better where it is %s', (metric, direction) => {
  expect(check(metric)).toBe(direction)
})

test.each<[string, string, readonly number[]]>([
  ['a cutoff that is not measured', 'ndcg@5', [10, 20]],
  ['another metric', 'accuracy@10', [10]],
  ['a name without a cutoff', 'ndcg', [10]],
  ['a cutoff above the catalogue', 'ndcg@21', [21]],
  ['no whole number', 'ndcg@1.5', [1.5]],
  ['no cutoff', 'ndcg@10', []],
  ['a metric of another kind of head', 'price/auc', [10]],
  ['a head that is not there', 'cost/rmse', [10]],
  ['a cutoff that all classes are among', 'brand/accuracy@5', [10]],
  ['a word that objects know', 'constructor', [10]],
])('%s is refused', (_, metric, ks) => {
  expect(() => check(metric, ks)).toThrow(invalid(/./))
})

test('a refusal names what there is', () => {
  expect(() => check('price/auc', [10])).toThrow(
    invalid(/ndcg@10, .*click\/auc, .*price\/rmse, price\/mae, price\/r2, .*brand\/accuracy/),
  )
  expect(() => checkOnly('ndcg@10')).toThrow(invalid(/'ndcg@10' is not measured. Choose one of click\/auc/))
})

describe('what the validation sessions cannot tell', () => {
  test('any metric of ranking, where nothing known comes before a last event', () => {
    const alone = { ...sessionsOf([[2], [1, 3]]), categorical: {}, continuous: {} }
    const told = () =>
      checkWatched(
        { metric: 'ndcg@10', ks: [10] },
        { model: { ...ranking, heads: [itemHead] }, sessions: alone },
      )
    expect(told).toThrow(expect.objectContaining({ code: 'SESSIONS_TOO_FEW' }) as Error)
    expect(told).toThrow(/none of the 2 validation sessions/)
  })

  test('R² of targets that are alike', () => {
    expect(check('steady/rmse')).toBe('lower')
    expect(() => check('steady/r2')).toThrow(
      invalid(/'steady' of their last events is always alike.*steady\/rmse, steady\/mae/),
    )
  })

  test('AUC of positives alone', () => {
    const clicked = {
      ...sessions,
      continuous: { ...sessions.continuous, click: Float32Array.of(0, 1, 0, 1) },
    }
    expect(() => checkOnly('click/auc', clicked)).toThrow(invalid(/always alike/))
    expect(checkOnly('click/logLoss', clicked)).toBe('lower')
  })

  test('accuracy where no class is known', () => {
    const unknown = { ...sessions, categorical: { brand: Int32Array.of(2, 1, 2, 1) } }
    expect(() => checkOnly('brand/accuracy', unknown)).toThrow(invalid(/never known/))
  })
})
