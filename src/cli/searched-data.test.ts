import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expressions as f } from '../expressions/index.ts'
import { prepare } from '../workflow/prepare.ts'
import { workflow } from '../workflow/index.ts'
import { searchedData } from './searched-data.ts'

let folder: string
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'ensuite-searched-'))))
afterAll(() => rm(folder, { recursive: true }))

const workflowOf = (minCount: number) => workflow({ session: 's', item: f.category('i', { minCount }) })

test('of events the files and the workflow say which data it is', async () => {
  const path = join(folder, 'events.csv')
  await writeFile(path, 's,i\na,x\n')
  const of = (minCount: number) =>
    searchedData({
      ...{ events: { path: [path] }, workflow: workflowOf(minCount) },
      ...{ split: { kind: 'leave-one-out' }, learnFromAll: false },
    })
  expect(await of(1)).toEqual(await of(1))
  expect(await of(1)).not.toEqual(await of(2))
  const before = await of(1)
  expect(before).toMatchObject({
    workflow: { session: 's' },
    files: { '1 events.csv': expect.any(String) as string },
  })
  await appendFile(path, 'a,y\n')
  expect(await of(1)).not.toEqual(before)
})

test('a prepared folder is what its manifest says', async () => {
  const prepared = async (name: string, events: string, minCount: number) => {
    await writeFile(join(folder, `${name}.csv`), events)
    await prepare(workflowOf(minCount), { path: join(folder, `${name}.csv`) }, { out: join(folder, name) })
    return searchedData({ prepared: join(folder, name) })
  }
  const events = 's,i\na,x\na,y\nb,x\nb,y\n'
  const first = await prepared('first', events, 1)
  expect(first).toEqual({ prepared: expect.stringMatching(/^[0-9a-f]{64}$/) as string })
  expect(await searchedData({ prepared: join(folder, 'first') })).toEqual(first)
  expect(await prepared('second', `${events}b,z\n`, 1)).not.toEqual(first)
  expect(await prepared('third', events, 2)).not.toEqual(first)
})
