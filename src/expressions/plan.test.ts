import { expect, test } from 'vitest'
import * as e from './build.ts'
import { fromJson, node, toJson } from './expression.ts'
import { columnsOf, planOf, reached } from './plan.ts'

const x = e.column('x', 'number')
const text = e.column('text', 'text')

test('equal subtrees are one node, whoever made them', () => {
  const one = e.log(e.add(x, 1))
  const other = fromJson(JSON.parse(JSON.stringify(toJson(e.log(e.add(e.column('x', 'number'), 1))))))
  const { nodes, roots } = planOf([one, other, e.add(one, other)])
  expect(nodes.map(({ expression }) => expression.op)).toEqual(['column', 'literal', 'add', 'log', 'add'])
  expect(nodes.map(({ inputs }) => inputs)).toEqual([[], [], [0, 1], [2], [3, 3]])
  expect(roots).toEqual([3, 3, 4])
})

test('what differs in an option, a type, or the order of inputs is not one', () => {
  const trees = [
    e.hashBucket(text, 7),
    e.hashBucket(text, 8),
    e.subtract(x, 1),
    e.subtract(1, x),
    e.toText(e.column('text', 'number')),
    e.isMissing(e.column('x', 'time')),
    e.isMissing(x),
    e.equal(text, '1'),
    e.equal(x, 1),
  ]
  expect(new Set(planOf(trees).roots).size).toBe(trees.length)
})

test('the order of options does not matter', () => {
  const trees = [node('clip', [x], { min: 1, max: 2 }), node('clip', [x], { max: 2, min: 1 })]
  expect(planOf(trees).roots).toEqual([1, 1])
})

test('inputs come first, and a level is above those of its inputs', () => {
  const trees = [e.relativeTo(x, text), e.cyclicSine(x, 7), e.position(), e.lag(e.lag(x))]
  const { nodes } = planOf(trees)
  for (const [place, { inputs, level, expression }] of nodes.entries()) {
    expect(inputs.every((input) => input < place)).toBe(true)
    const above = inputs.map((input) => nodes[input]!.level + 1)
    expect(level).toBe(['column', 'literal'].includes(expression.op) ? 0 : Math.max(1, ...above))
  }
})

test('the order follows from the trees alone', () => {
  const trees = () => [e.relativeTo(x, text), e.categorify(text), e.normalize(e.log(x))]
  const ops = (plan: ReturnType<typeof planOf>) => plan.nodes.map(({ expression }) => toJson(expression))
  expect(ops(planOf(trees()))).toEqual(ops(planOf(trees().map((tree) => fromJson(toJson(tree))))))
})

test('a tree of shared parts is planned by its parts', () => {
  let tree = x
  for (let level = 0; level < 100; level++) tree = e.add(tree, tree)
  expect(planOf([tree]).nodes.length).toBe(101)
})

test('columns by name and type, and what is reached', () => {
  const plan = planOf([e.equal(text, 'a'), e.add(x, e.column('x', 'time')), e.equal(text, 'b')])
  expect(columnsOf(plan)).toEqual([
    { place: 0, name: 'text', type: 'text' },
    { place: 3, name: 'x', type: 'number' },
    { place: 4, name: 'x', type: 'time' },
  ])
  expect([...reached(plan, [plan.roots[2]!])].sort()).toEqual([0, 6, 7])
  expect([...reached(plan, [])]).toEqual([])
})
