import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createCatalogue } from '../catalogue/index.ts'
import { EnsuiteError } from '../errors.ts'
import { checkRules, readRules, ruleNames, type RuleName } from './index.ts'

const catalogue = createCatalogue({ attributes: { brand: 'text', price: 'number' } })
const context = { catalogue, vectors: () => undefined, now: 0 }
const cheap = { attribute: 'price', below: 5 }

const nested = (levels: number): unknown => {
  let own: unknown = 1
  for (let level = 0; level < levels; level++) own = [own]
  return own
}

test.each<[string, unknown, string, RegExp]>([
  ['no object', [], 'OPTION_INVALID', /rules expects an object/],
  ['nothing', null, 'OPTION_INVALID', /rules expects|object of options/],
  ['a text', 'hide all', 'OPTION_INVALID', /object of options/],
  [
    'an unknown rule',
    { filters: cheap },
    'OPTION_UNKNOWN',
    /rules has no option 'filters'. Did you mean 'filter'/,
  ],
  ['code', { filter: 'price < 5' }, 'OPTION_INVALID', /rules.filter: This filter cannot be used/],
  ['a function', { filter: () => true }, 'OPTION_INVALID', /rules.filter expects JSON/],
  ['a class', { hide: new Set(['a']) }, 'OPTION_INVALID', /rules.hide expects JSON/],
  [
    'an unknown attribute',
    {
      boosts: [
        { when: cheap, add: 1 },
        { when: { attribute: 'size', is: 'a' }, add: 1 },
      ],
    },
    'OPTION_INVALID',
    /rules.boosts\[1\].when: .*no attribute "size"/,
  ],
  [
    'a boost of two kinds',
    { boosts: [{ when: cheap, add: 1, multiply: 2 }] },
    'OPTION_INVALID',
    /rules.boosts\[0\] expects multiply or add/,
  ],
  [
    'a factor of 0',
    { boosts: [{ when: cheap, multiply: 0 }] },
    'OPTION_INVALID',
    /rules.boosts\[0\].multiply must be/,
  ],
  ['a boost of nothing', { boosts: [{ add: 1 }] }, 'OPTION_INVALID', /has no when/],
  ['a misspelt name', { boosts: [{ when: cheap, multipy: 2 }] }, 'OPTION_UNKNOWN', /Did you mean 'multiply'/],
  [
    'place 0',
    { pin: [{ item: 'a', place: 0 }] },
    'OPTION_INVALID',
    /rules.pin\[0\].place must be a whole number at least 1/,
  ],
  [
    'two pins of one place',
    {
      pin: [
        { item: 'a', place: 1 },
        { item: 'b', place: 1 },
      ],
    },
    'OPTION_INVALID',
    /rules.pin\[1\] expects another place/,
  ],
  [
    'two pins of one item',
    {
      pin: [
        { item: 'a', place: 1 },
        { item: 'a', place: 2 },
      ],
    },
    'OPTION_INVALID',
    /rules.pin\[1\] expects another item/,
  ],
  [
    'a cap of an attribute that is not there',
    { caps: [{ attribute: 'toString', most: 1 }] },
    'OPTION_INVALID',
    /rules.caps\[0\].attribute expects one of brand, price, received 'toString'/,
  ],
  ['a quota of both', { quotas: [{ when: cheap, least: 1, most: 2 }] }, 'OPTION_INVALID', /least or most/],
  ['a share above 1', { exploration: { share: 1.5, seed: 1 } }, 'OPTION_INVALID', /rules.exploration.share/],
  ['a draw without a seed', { temperature: { value: 1 } }, 'OPTION_INVALID', /has no seed/],
  ['a seed below 0', { temperature: { value: 1, seed: -1 } }, 'OPTION_INVALID', /temperature.seed/],
  ['a weight in text', { diversity: { weight: '1' } }, 'OPTION_INVALID', /diversity.weight must be a number/],
  [
    'a time that ends before it begins',
    { hide: [{ item: 'a', from: 2, until: 1 }] },
    'OPTION_INVALID',
    /rules.hide\[0\] expects a from that is before/,
  ],
  [
    'a time in words',
    { hide: [{ item: 'a', from: 'tomorrow' }] },
    'OPTION_INVALID',
    /rules.hide\[0\].from expects an instant/,
  ],
  [
    'a date that is none',
    { hide: [{ item: 'a', from: '2026-13-41' }] },
    'OPTION_INVALID',
    /rules.hide\[0\].from/,
  ],
  [
    'too many entries',
    { boosts: new Array(101).fill({ when: cheap, add: 1 }) },
    'OPTION_INVALID',
    /rules.boosts expects at most 100/,
  ],
  ['more of it than that', { hide: new Array(60_000).fill('a') }, 'OPTION_INVALID', /at most 50000/],
  ['depth', { hide: nested(1_000_000) }, 'OPTION_INVALID', /at most 24 levels/],
  ['a prototype', JSON.parse('{"__proto__": {"hide": ["a"]}}'), 'OPTION_INVALID', /no name '__proto__'/],
  [
    'a prototype further down',
    { pin: [JSON.parse('{"item": "a", "place": 1, "__proto__": {}}')] },
    'OPTION_INVALID',
    /rules.pin\[0\] expects no name '__proto__'/,
  ],
  ['a constructor', { filter: { constructor: 1 } }, 'OPTION_INVALID', /no name 'constructor'/],
])('%s is refused', (_, rules, code, message) => {
  const read = (): unknown => readRules(rules, context)
  expect(read).toThrow(message)
  expect(read).toThrow(expect.objectContaining({ code }) as Error)
})

/** What each rule takes, and what it refuses; a new rule without both does not compile. */
const rulesByName = {
  filter: { taken: [cheap, { all: [] }], refused: [[], { attribute: 'price', below: '5' }] },
  hide: { taken: [[], ['a', { item: 'b', from: 1 }]], refused: ['a', [''], [{ item: 'b', place: 1 }]] },
  boosts: {
    taken: [[{ when: cheap, add: -1 }], [{ when: cheap, multiply: 2, until: '2026-01-01' }]],
    refused: [[{ when: cheap }], [{ when: cheap, add: 1001 }]],
  },
  pin: { taken: [[{ item: 'a', place: 1000 }]], refused: [[{ item: 'a', place: 1001 }], [{ place: 1 }]] },
  quotas: {
    taken: [[{ when: cheap, least: 0 }], [{ when: cheap, most: 1000 }]],
    refused: [[{ when: cheap, most: 0.5 }], [{ least: 1 }]],
  },
  caps: {
    taken: [[{ attribute: 'brand', most: 1 }]],
    refused: [[{ attribute: 'brand', most: 0 }], [{ attribute: 'size', most: 1 }]],
  },
  exploration: {
    taken: [
      { share: 0, seed: 0 },
      { share: 1, seed: 1, days: 0.5 },
    ],
    refused: [
      { share: -0.1, seed: 1 },
      { share: 1, seed: 1, days: 0 },
    ],
  },
  temperature: {
    taken: [{ value: 1, seed: 1 }],
    refused: [
      { value: -1, seed: 1 },
      { value: 1, seed: 0.5 },
    ],
  },
  diversity: { taken: [{ weight: 0 }, { weight: 1 }], refused: [{ weight: 1.1 }, {}] },
} satisfies Record<RuleName, { readonly taken: readonly unknown[]; readonly refused: readonly unknown[] }>

test.each(Object.entries(rulesByName))(
  '%s takes what it is, and refuses else',
  (name, { taken, refused }) => {
    for (const value of taken)
      expect(readRules({ [name]: value }, context).map(([rule]) => rule)).toEqual([name])
    for (const value of refused)
      expect(() => readRules({ [name]: value }, context)).toThrow(new RegExp(`rules\\.${name}`))
  },
)

test('whatever JSON there is, it is read or refused with a code', () => {
  const json = fc.json({ maxDepth: 6 }).map((text) => JSON.parse(text) as unknown)
  const some = fc.oneof(
    json,
    fc.dictionary(
      fc.constantFrom(...ruleNames, '__proto__'),
      fc.oneof(
        json,
        fc.array(
          fc.dictionary(
            fc.constantFrom(
              'item',
              'place',
              'when',
              'add',
              'least',
              'attribute',
              'most',
              'from',
              '__proto__',
            ),
            json,
          ),
        ),
      ),
    ),
  )
  fc.assert(
    fc.property(some, (rules) => {
      try {
        checkRules(rules, context)
      } catch (error) {
        expect(error).toBeInstanceOf(EnsuiteError)
        expect((error as EnsuiteError).message.length).toBeLessThan(1000)
      }
    }),
    { numRuns: 2000 },
  )
  expect(Object.hasOwn(Object.prototype, 'item')).toBe(false)
})
