import { expect, test } from 'vitest'
import { namesOf, thinned, thinnedNote, type Chart } from './chart.ts'
import { drawChart, legend } from './draw-chart.ts'
import { escaped, jsonInHtml } from './html.ts'
import { shortNumber } from './print.ts'

test('long curves are thinned evenly, with their ends, and it is said', () => {
  const values = Array.from({ length: 2345 }, (_, at) => at)
  const kept = thinned(values)
  expect([kept.length <= 1000, kept[0], kept[1], kept.at(-1)]).toEqual([true, 0, 3, 2344])
  expect(thinned(values.slice(0, 1000))).toHaveLength(1000)
  expect(thinnedNote(2345, kept.length)[0]).toContain('783 of 2345 points')
  expect(thinnedNote(5, 5)).toEqual([])
})

test('text and JSON cannot leave their places', () => {
  expect(escaped('<a href="x">&\'\u0000')).toBe('&lt;a href=&quot;x&quot;&gt;&amp;&#39;\ufffd')
  const value = { name: '</script><!--' }
  expect(jsonInHtml(value)).not.toContain('<')
  expect(JSON.parse(jsonInHtml(value))).toEqual(value)
})

test.each([
  [0, '0'],
  [12345, '12,345'],
  [0.123456, '0.1235'],
  [0.00012, '0.00012'],
  [0.000012345, '1.23e-5'],
  [1234.5678, '1234.6'],
  [-0.5, '-0.5'],
])('%d is printed %s', (value, text) => expect(shortNumber(value)).toBe(text))

/** Curves at one value, of one point, of log axes over no order of magnitude. */
test.each<[string, Partial<Chart>]>([
  ['one point', { rows: [{ series: 'a', x: 1, y: 2 }] }],
  ['a log axis of one value', { kind: 'points', x: { label: 'x', scale: 'log' } }],
  ['whole numbers', { kind: 'points', x: { label: 'x', scale: 'whole' } }],
  [
    'names that are marks',
    {
      kind: 'bars',
      x: { label: '', scale: 'names' },
      rows: [{ series: 'a', x: '<b>', y: 1, low: 0, high: 2 }],
    },
  ],
])('draws %s', (_, change) => {
  const svg = drawChart({
    ...{ kind: 'lines', id: 'x', title: 'A <title>', x: { label: 'x', scale: 'linear' }, y: { label: 'y' } },
    ...{ series: ['a'], rows: [{ series: 'a', x: 3, y: 2 }] },
    ...change,
  })
  expect(svg).toContain('aria-label="A &lt;title&gt;. y')
  expect(svg).not.toMatch(/NaN|Infinity|<b>|undefined/)
})

test('names lie in the order of every series, and what has no points is not named', () => {
  const rows = (series: string, names: readonly string[]): Chart['rows'] =>
    names.map((x, at) => ({ series, x, y: at + 1 }))
  const chart: Chart = {
    ...{ kind: 'lines', id: 'x', title: 'T', x: { label: 'window', scale: 'names' }, y: { label: 'y' } },
    series: ['late', 'whole', 'empty'],
    rows: [...rows('late', ['3', '4', '5']), ...rows('whole', ['1', '2', '3', '4', '5'])],
  }
  expect(namesOf(chart)).toEqual(['1', '2', '3', '4', '5'])
  expect(legend(chart).match(/<li>/g)).toHaveLength(2)
  const svg = drawChart(chart)
  expect(svg).toContain('late: 3 values from 1 to 3; whole: 5 values from 1 to 5.')
  expect(svg).not.toMatch(/empty|Infinity/)
})
