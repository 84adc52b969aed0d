import { expect, test } from 'vitest'
import * as api from '../src/index.ts'
import * as stores from '../src/vector-store/index.ts'

/** What is called for every row, event or list, and checks nothing that costs time; losses are of a graph, for heads alone. */
const UNCHECKED = /^(metrics\.(meanRank|beyond\.firstOf)|schemas\.(isList|isRagged)|heads\.losses\..*)$/

type Call = (argument?: unknown) => unknown

/** Every function of a namespace and of those inside it, by name. */
const functionsOf = (space: object, prefix = ''): readonly (readonly [string, Call])[] =>
  Object.entries(space).flatMap(([name, value]: [string, unknown]): (readonly [string, Call])[] => {
    const whole = `${prefix}${name}`
    if (typeof value === 'function')
      return value.prototype instanceof Error ? [] : [[whole, value as Call] as const]
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
    return [...functionsOf(value, `${whole}.`)]
  })

const bad: readonly (readonly [string, unknown])[] = [
  ['undefined', undefined],
  ['null', null],
  ['a number', 5],
  ['an empty text', ''],
  ['an empty object', {}],
  ['an empty list', []],
  ['a list of null', [null]],
  ['a function', () => 1],
]

const all = [...functionsOf(api), ...functionsOf(stores)]
test.each(all.filter(([name]) => !UNCHECKED.test(name)))(
  '%s takes what is not meant for it, or refuses it with a code',
  async (_, call) => {
    for (const [what, argument] of bad) {
      const thrown = await Promise.resolve()
        .then(() => call(argument))
        .then(
          () => undefined,
          (error: unknown) => error,
        )
      if (thrown !== undefined) expect(thrown, what).toBeInstanceOf(api.EnsuiteError)
    }
  },
)

const folders: readonly (readonly [string, (path: never) => unknown])[] = [
  ['loadRecommender', api.loadRecommender],
  ['loadEmbedder', api.loadEmbedder],
  ['readArtifact', api.readArtifact],
  ['readBaseline', api.readBaseline],
  ['openPrepared', api.openPrepared],
  ['readSchema', api.readSchema],
  ['writeSchema', (path) => api.writeSchema(api.schemas.schema([]), path)],
  ['readRun', api.runs.readRun],
  ['checkNoRun', api.runs.checkNoRun],
  ['writeEvaluation', (path) => api.runs.writeEvaluation(path, {} as never)],
  ['runFolder', api.runs.runFolder],
  ['tensorBoard', api.runs.tensorBoard],
  ['exactVectors', stores.exactVectors],
  ['approximateVectors', stores.approximateVectors],
  ['lanceVectors', stores.lanceVectors],
]
test.each(folders)('%s says that it expects a path, and what it received', async (name, call) => {
  const received: readonly (readonly [unknown, string])[] = [
    [undefined, 'undefined'],
    [null, 'null'],
    [5, '5'],
    ['', "''"],
    [{}, 'an object'],
    [['shop'], 'a list'],
    [Promise.resolve('shop'), 'a promise of one. Wait for it: await'],
  ]
  for (const [given, shown] of received)
    await expect(
      Promise.resolve().then(() => call(given as never)),
      shown,
    ).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(
        new RegExp(`^${name} expects the path of a (file or )?folder, received ${shown}\\.$`),
      ) as string,
    })
})
