import { expect, test } from 'vitest'
import type { SessionSource } from '../workflow/session-source.ts'
import { itemContent } from './item-content.ts'
import type { Sessions } from './sessions.ts'

const schema = { items: 6, categorical: { colour: 5 }, continuous: ['price'] }
const sessions: Sessions = {
  count: 2,
  offsets: Int32Array.of(0, 3, 5),
  items: Int32Array.of(2, 3, 1, 2, 4),
  categorical: { colour: Int32Array.of(2, 3, 4, 4, 1) },
  continuous: { price: Float32Array.of(1, 2, 9, NaN, NaN) },
  times: Float64Array.of(30, 10, 20, 5, 40),
  ids: ['a', 'b'],
}
const { times: _, ...untimed } = sessions

test('the latest event that says something counts; unknown items and values do not', async () => {
  expect(await itemContent(sessions, schema, ['colour', 'price'])).toEqual({
    colour: Float32Array.of(0, 0, 2, 3, 0, 0),
    price: Float32Array.of(0, 0, 1, 2, 0, 0),
  })
})

test('without times the last one counts', async () => {
  expect(await itemContent(untimed, schema, ['colour'])).toEqual({
    colour: Float32Array.of(0, 0, 4, 3, 0, 0),
  })
})

test('sessions in blocks give the same', async () => {
  const source: SessionSource = {
    blocks: [
      { sessions: 2, usable: 2 },
      { sessions: 2, usable: 2 },
    ],
    digest: 'x',
    largest: { items: 4, categorical: {} },
    read: ([block]) =>
      Promise.resolve(
        block === 0 ? { ...sessions, times: sessions.times!.map((time) => time - 25) } : sessions,
      ),
  }
  expect(await itemContent(source, schema, ['colour', 'price'])).toEqual(
    await itemContent(sessions, schema, ['colour', 'price']),
  )
})

test('what is no feature is refused', async () => {
  await expect(itemContent(sessions, schema, ['brand'])).rejects.toMatchObject({ code: 'OPTION_INVALID' })
})
