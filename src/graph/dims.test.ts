import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EnsuiteError } from '../errors.ts'
import {
  bind,
  broadcast,
  canonical,
  difference,
  product,
  quotient,
  sum,
  symbols,
  type Dim,
  type Shape,
} from './dims.ts'

describe('canonical forms', () => {
  test.each<[string, Dim, Dim]>([
    ['numbers multiply', product([2, 3, 4]), 24],
    ['nothing multiplies to one', product([]), 1],
    ['names are sorted', product(['time', 2, 'batch']), '2*batch*time'],
    ['zero wins', product(['time', 0]), 0],
    ['products are multiplied out', product(['batch', '(time+1)']), '(batch*time+batch)'],
    ['a name may come twice', product(['time', 'time']), 'time*time'],
    ['numbers add', sum([2, 3, -1]), 4],
    ['equal terms add', sum(['time', 'time']), '2*time'],
    ['what cancels is gone', sum(['(time-1)', 1]), 'time'],
    ['a sum has its number last', sum([1, 'time', 'batch']), '(batch+time+1)'],
    ['a negative number', sum(['time', -2]), '(time-2)'],
    ['a difference of names', difference('time', 'batch'), '(-batch+time)'],
    ['a difference that vanishes', difference('2*time', '2*time'), 0],
    ['text is brought into form', canonical('time*batch*2'), '2*batch*time'],
  ])('%s', (_, received, expected) => {
    expect(received).toBe(expected)
  })

  test.each<[Dim, Dim, Dim | undefined]>([
    [12, 4, 3],
    [13, 4, undefined],
    [12, 0, undefined],
    [0, 'time', 0],
    ['6*batch*time', '3*time', '2*batch'],
    ['batch', 'time', undefined],
    ['3*time', 2, undefined],
    ['(batch*time+batch)', 'batch', '(time+1)'],
    ['(batch*time+batch)', '(time+1)', 'batch'],
    ['(time+1)', 'time', undefined],
  ])('%s ÷ %s is %s', (dim, by, expected) => {
    expect(quotient(dim, by)).toBe(expected)
  })

  test.each<[Dim, Readonly<Record<string, number>>, Dim]>([
    ['2*batch*time', { batch: 3, time: 4 }, 24],
    ['(batch*time+time-1)', { time: 5 }, '(5*batch+4)'],
    ['(batch*time+time-1)', { time: 5, batch: 2 }, 14],
    ['batch', { time: 5 }, 'batch'],
    [7, { time: 5 }, 7],
  ])('%s bound to %o is %s', (dim, sizes, expected) => {
    expect(bind(dim, sizes)).toBe(expected)
  })

  test('the names inside', () => {
    expect(symbols('(2*batch*time+time-1)')).toEqual(['batch', 'time'])
    expect(symbols(3)).toEqual([])
  })

  test.each(['two words', 'a/b', '2x', 'a+(b'])('%s is no size', (text) => {
    expect(() => canonical(text)).toThrow(expect.objectContaining({ code: 'GRAPH_INVALID' }))
  })
})

describe('sizes calculate as numbers do', () => {
  const leaf = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('a', 'b', 'c'))
  const { size } = fc.letrec<{ size: Dim }>((tie) => ({
    size: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc.tuple(tie('size'), tie('size')).map(([left, right]) => sum([left, right])),
      fc.tuple(tie('size'), tie('size')).map(([left, right]) => product([left, right])),
      fc.tuple(tie('size'), tie('size')).map(([left, right]) => difference(left, right)),
    ),
  }))
  const values = fc.record({
    a: fc.integer({ min: 0, max: 9 }),
    b: fc.integer({ min: 0, max: 9 }),
    c: fc.integer({ min: 0, max: 9 }),
  })
  const number = (dim: Dim, at: Readonly<Record<string, number>>): number => {
    const bound = bind(dim, at)
    if (typeof bound !== 'number') throw new Error(`${bound} is not bound`)
    return bound + 0
  }

  test('bound sums, products and differences', () => {
    fc.assert(
      fc.property(size, size, values, (left, right, at) => {
        expect(number(sum([left, right]), at)).toBe(number(left, at) + number(right, at) + 0)
        expect(number(product([left, right]), at)).toBe(number(left, at) * number(right, at) + 0)
        expect(number(difference(left, right), at)).toBe(number(left, at) - number(right, at) + 0)
      }),
    )
  })

  test('one text for one size, whatever the order', () => {
    fc.assert(
      fc.property(size, size, size, (a, b, c) => {
        expect(product([a, b])).toBe(product([b, a]))
        expect(sum([a, sum([b, c])])).toBe(sum([sum([c, a]), b]))
        expect(product([a, sum([b, c])])).toBe(sum([product([a, b]), product([a, c])]))
        expect(canonical(a)).toBe(a)
      }),
    )
  })

  test('a product divides by its factors, and a rest shows', () => {
    fc.assert(
      fc.property(size, size, (left, right) => {
        fc.pre(right !== 0)
        expect(quotient(product([left, right]), right)).toBe(left)
        fc.pre(right !== 1 && right !== -1)
        expect(quotient(sum([product([left, right]), 1]), right)).toBeUndefined()
      }),
    )
  })

  test('binding a part first changes nothing', () => {
    fc.assert(
      fc.property(size, values, (dim, at) => {
        expect(bind(bind(dim, { a: at.a }), at)).toBe(bind(dim, at))
      }),
    )
  })
})

describe('broadcasting', () => {
  const fail = (reason: string): EnsuiteError => new EnsuiteError('SHAPE_MISMATCH', reason)

  test.each<[readonly Shape[], Shape]>([
    [
      [[2, 1], [3]],
      [2, 3],
    ],
    [
      [
        ['batch', 1, 4],
        ['time', 1],
      ],
      ['batch', 'time', 4],
    ],
    [[[], ['time']], ['time']],
    [
      [[1], [1, 1]],
      [1, 1],
    ],
  ])('%o gives %o', (shapes, expected) => {
    expect(broadcast(shapes, fail)).toEqual(expected)
  })

  test.each<[readonly Shape[], string]>([
    [[[2], [3]], 'cannot broadcast [2] and [3]: they differ at axis 0'],
    [
      [
        ['batch', 2],
        ['time', 1],
      ],
      'cannot broadcast [batch, 2] and [time, 1]: they differ at axis 0',
    ],
    [[['batch'], [4]], 'cannot broadcast [batch] and [4]: they differ at axis 0'],
  ])('%o do not fit', (shapes, message) => {
    expect(() => broadcast(shapes, fail)).toThrow(message)
  })
})
