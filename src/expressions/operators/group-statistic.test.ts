import { expect, test } from 'vitest'
import { temporaryFolder } from '../../events/test-files.test-support.ts'
import { workflow } from '../../workflow/workflow.ts'
import * as e from '../build.ts'
import { text, x } from './check-operators.test-support.ts'
import { groupRows } from './group-rows.test-support.ts'
import { statistics, type StatisticName } from './statistics.ts'

const folder = temporaryFolder()
const names = Object.keys(statistics) as readonly StatisticName[]

test('every statistic has rows, once and extended', () => {
  for (const extended of [false, true]) {
    const named = groupRows
      .filter(({ extendOn }) => (extendOn !== undefined) === extended)
      .map(({ expression }) => expression.options['statistic'])
    expect(names.filter((name) => !named.includes(name))).toEqual([])
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
