import { describe, expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import { expressions as e, type Expression } from '../expressions/index.ts'
import { definition, type WorkflowOptions } from './definition.ts'
import { definitionFromJson, definitionToJson } from './definition-json.ts'

const item = e.column('item', 'text')
const time = e.column('ts', 'time')
const good = { session: 'user', time: 'ts', features: { item: e.categorify(item) } } as const

function refusal(body: () => unknown): EnsuiteError {
  try {
    body()
  } catch (error) {
    if (error instanceof EnsuiteError) return error
    throw error
  }
  throw new Error('Nothing was thrown.')
}

function nested(depth: number): Expression {
  let tree: Expression = e.position()
  for (let level = 1; level < depth; level++) tree = e.floor(tree)
  return tree
}

test('a definition is data: as JSON and back it is the same', () => {
  const defined = definition({
    ...good,
    steps: [{ keep: e.not(e.repeatsLast(item)) }, { splitAfterMs: 1_800_000 }],
    features: {
      ...good.features,
      later: e.add(e.position(), 5),
      ['__proto__']: e.position(),
      recent: e.recentCount(time, { by: item, windowMs: 1000 }),
    },
  })
  const json: unknown = JSON.parse(JSON.stringify(definitionToJson(defined)))
  expect(definition(definitionFromJson(json))).toEqual(defined)
  expect(Object.keys(defined.features)).toEqual(['item', 'later', '__proto__', 'recent'])
  expect(definitionToJson(definition(good))).toEqual({
    session: 'user',
    time: 'ts',
    steps: [],
    features: {
      item: { op: 'categorify', inputs: [{ op: 'column', options: { name: 'item', type: 'text' } }] },
    },
  })
})

describe('what is refused', () => {
  const lag = e.lag(time)
  test.each<readonly [string, unknown, string, RegExp]>([
    ['nothing', undefined, 'OPTION_INVALID', /object of options, received undefined/],
    ['null', null, 'OPTION_INVALID', /received null/],
    ['a list', [], 'OPTION_INVALID', /received a list/],
    ['an unknown option', { ...good, feature: {} }, 'OPTION_UNKNOWN', /Did you mean 'features'/],
    ['no session', { features: good.features }, 'OPTION_INVALID', /session of workflow/],
    ['an empty session', { ...good, session: '' }, 'OPTION_INVALID', /session of workflow/],
    ['a session that is a column', { ...good, session: item }, 'OPTION_INVALID', /session of workflow/],
    ['a time that is null', { ...good, time: null }, 'OPTION_INVALID', /time of workflow/],
    ['no features', { session: 'user' }, 'OPTION_INVALID', /features/],
    ['features that are null', { ...good, features: null }, 'OPTION_INVALID', /features/],
    ['features that are empty', { ...good, features: {} }, 'OPTION_INVALID', /one feature or more/],
    ['features that are a list', { ...good, features: [item] }, 'OPTION_INVALID', /received a list/],
    ['a feature that is null', { ...good, features: { item: null } }, 'OPTION_INVALID', /received null/],
    ['a feature that is no number', { ...good, features: { item: NaN } }, 'OPTION_INVALID', /finite number/],
    [
      'a feature that is too deep',
      { ...good, features: { deep: nested(201) } },
      'OPTION_INVALID',
      /200 deep/,
    ],
    [
      'a step that is too deep',
      { ...good, steps: [{ keep: e.less(nested(200), 1) }] },
      'OPTION_INVALID',
      /200 deep/,
    ],
    ['steps that are null', { ...good, steps: null }, 'OPTION_INVALID', /is a list, received null/],
    ['steps that are an object', { ...good, steps: {} }, 'OPTION_INVALID', /is a list/],
    ['a step that is null', { ...good, steps: [null] }, 'OPTION_INVALID', /received null/],
    ['a step that is a text', { ...good, steps: ['keep'] }, 'OPTION_INVALID', /received 'keep'/],
    ['an empty step', { ...good, steps: [{}] }, 'OPTION_INVALID', /one of both.*received \[\]/],
    [
      'an unknown step',
      { ...good, steps: [{ splitAfter: 5 }] },
      'OPTION_UNKNOWN',
      /Did you mean 'splitAfterMs'/,
    ],
    [
      'a step of two',
      { ...good, steps: [{ keep: e.isMissing(item), splitAfterMs: 5 }] },
      'OPTION_INVALID',
      /A step is one of both/,
    ],
    [
      'keeping by a number',
      { ...good, steps: [{ keep: e.position() }] },
      'OPTION_INVALID',
      /received a number/,
    ],
    [
      'a feature without a name',
      { ...good, features: { '': item } },
      'OPTION_INVALID',
      /features with names/,
    ],
    [
      'a zero byte in a name',
      { ...good, features: { 'a\0b': item } },
      'OPTION_INVALID',
      /features with names/,
    ],
    ['half a character', { ...good, context: { '\ud800': item } }, 'OPTION_INVALID', /features with names/],
    [
      'a feature and a context of one name',
      { ...good, context: { item: e.first(item) } },
      'OPTION_INVALID',
      /a feature and a value of context are both called 'item'/,
    ],
    [
      'names that are one but for the case',
      { ...good, context: { Item: e.first(item) } },
      'OPTION_INVALID',
      /'item' and 'Item' are one name but for the case of letters/,
    ],
    [
      'a function that nothing calls',
      { ...good, functions: { ratio: () => 1 } },
      'OPTION_UNKNOWN',
      /'ratio', which no feature or step calls.*No function is called/,
    ],
    ['keeping by null', { ...good, steps: [{ keep: null }] }, 'OPTION_INVALID', /received null/],
    ['splitting after nothing', { ...good, steps: [{ splitAfterMs: 0 }] }, 'OPTION_INVALID', /above 0/],
    ['splitting after a text', { ...good, steps: [{ splitAfterMs: '5' }] }, 'OPTION_INVALID', /received '5'/],
    [
      'splitting without times',
      { session: 'user', features: good.features, steps: [{ splitAfterMs: 5 }] },
      'OPTION_INVALID',
      /needs times/,
    ],
    [
      'all sessions by what is in one',
      { ...good, features: { recent: e.recentCount(lag, { by: item, windowMs: 5 }) } },
      'OPTION_INVALID',
      /cannot look at 'lag'/,
    ],
    [
      'all sessions by what is in all',
      {
        ...good,
        steps: [
          {
            keep: e.less(
              e.recentCount(e.recentCount(time, { by: item, windowMs: 5 }), { by: item, windowMs: 5 }),
              1,
            ),
          },
        ],
      },
      'OPTION_INVALID',
      /cannot look at 'recentCount'/,
    ],
  ])('%s', (_, options, code, message) => {
    const error = refusal(() => definition(options as WorkflowOptions))
    expect(error.code).toBe(code)
    expect(error.message).toMatch(message)
  })

  test.each<readonly [string, unknown]>([
    ['null', null],
    ['a list', []],
    ['no steps', { session: 'user', features: {} }],
    ['steps that are no list', { session: 'user', steps: {}, features: {} }],
    ['steps of null', { session: 'user', steps: [null], features: { a: { op: 'position' } } }],
    ['features that are null', { session: 'user', steps: [], features: null }],
    ['a feature that is null', { session: 'user', steps: [], features: { a: null } }],
    [
      'a step that is no tree',
      { session: 'user', steps: [{ keep: true }], features: { a: { op: 'position' } } },
    ],
    ['an unknown key', { session: 'user', steps: [], features: { a: { op: 'position' } }, more: 1 }],
  ])('as JSON: %s', (_, json) => {
    expect(refusal(() => definition(definitionFromJson(json))).code).toMatch(/^OPTION/)
  })
})
