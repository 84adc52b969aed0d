import { expect, test } from 'vitest'
import { temporaryFolder } from '../../events/test-files.test-support.ts'
import type { EnsuiteError } from '../../errors.ts'
import type { FittedWorkflow } from '../../workflow/fitted-workflow.ts'
import { workflow } from '../../workflow/workflow.ts'
import * as e from '../build.ts'
import { text, x } from './check-operators.test-support.ts'
import { groupRows } from './group-rows.test-support.ts'
import { statistics, type StatisticName } from './statistics.ts'

const folder = temporaryFolder()
const names = Object.keys(statistics) as readonly StatisticName[]

/** The fit of the first numbers, extended with the others, and that of all at once: what they say of the one key; or the code of what they throw. */
async function bothWays(statistic: StatisticName, first: readonly number[], more: readonly number[]) {
  const own = workflow({
    session: 'session',
    features: { own: e.groupStatistic(x, { by: text, statistic }) },
  })
  const source = (name: string, values: readonly number[]): { readonly path: string } => ({
    path: folder.write(
      `${statistic}-${name}.csv`,
      `session,text,x\n${values.map((value) => `s,a,${value}\n`).join('')}`,
    ),
  })
  const told = (fitting: Promise<FittedWorkflow>): Promise<unknown> =>
    fitting.then(
      (fitted) => fitted.encode([{ text: 'a' }]).features['own'],
      (error: unknown) => (error as EnsuiteError).code,
    )
  const fitted = own.fit(source('first', first))
  return [
    await told(fitted.then((extend) => own.fit(source('more', more), { extend }))),
    await told(own.fit(source('all', [...first, ...more]))),
  ] as const
}

test.each(names)('%s: what overflowed in one part stays so with the other', async (statistic) => {
  for (const [first, more] of [
    [[1e308, 1e308], [5]],
    [[5], [1e308, 1e308]],
    [
      [1e308, 1.5],
      [1e308, -3],
    ],
    [[5], [2, 4]],
  ] as const) {
    const [extended, once] = await bothWays(statistic, first, more)
    expect(extended, JSON.stringify([first, more])).toEqual(once)
  }
})

test('every statistic has rows, once and extended', () => {
  for (const extended of [false, true]) {
    const named = groupRows
      .filter(({ extendOn }) => (extendOn !== undefined) === extended)
      .map(({ expression }) => expression.options['statistic'])
    const missing = names.filter((name) => !named.includes(name))
    expect(missing, 'Say what is learnt of it in group-rows.test-support.ts.').toEqual([])
  }
})

test.each(names)('%s: what is learnt is finite, or refused', async (statistic) => {
  const source = (name: string, value: number): { readonly path: string } => ({
    path: folder.write(`${statistic}-${name}.csv`, `session,text,x\ns,a,${value}\n`),
  })
  const own = workflow({
    session: 'session',
    features: { own: e.groupStatistic(x, { by: text, statistic }) },
  })
  const fitted = await own.fit(source('one', 1e200))
  const extending = own.fit(source('other', -1e200), { extend: fitted })
  if (statistic === 'deviation' || statistic === 'variance') {
    await expect(extending).rejects.toMatchObject({ code: 'COLUMN_INVALID' })
    await expect(extending).rejects.toThrow(/'groupStatistic' cannot be learnt.*overflow/)
  } else {
    const [, { columns }] = (await extending).toJSON().states[0]![0]!
    expect(JSON.parse(JSON.stringify(columns))).toEqual(columns)
  }
})

test('a target encoding whose sum of a key overflows in both parts together is refused', async () => {
  const own = workflow({
    session: 'session',
    features: { own: e.targetEncode(x, { by: text, fold: text }) },
  })
  // The mean of all is 0 in each part.
  const source = { path: folder.write('encoded.csv', 'session,text,x\ns,a,1e308\ns,b,-1e308\n') }
  const fitted = await own.fit(source)
  await expect(own.fit(source, { extend: fitted })).rejects.toThrow(
    /'targetEncode' cannot be learnt.*overflow/,
  )
})
