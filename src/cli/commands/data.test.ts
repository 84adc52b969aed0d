import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { datasetNamed, datasets, type RemoteFile } from '../../datasets/index.ts'
import { zipArchive } from '../../datasets/zip-archive.test-support.ts'
import { temporaryFolder } from '../../events/test-files.test-support.ts'
import { makeDataset } from '../make-dataset.ts'
import { createOutput } from '../output.ts'
import { dataCommand } from './data.ts'

const folder = temporaryFolder()
const views = (lines: string): string => `timestamp,visitorid,event,itemid,transactionid\n${lines}`

afterEach(() => vi.restoreAllMocks())

/** Runs the command in this process; the result of `--json`, and what it said. */
async function data(
  ...args: readonly string[]
): Promise<{ readonly result: Record<string, unknown>; readonly notes: string }> {
  vi.restoreAllMocks()
  const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  await dataCommand()
    .exitOverride()
    .parseAsync([...args, '--json'], { from: 'user' })
  return {
    result: JSON.parse(out.mock.calls.map(([text]) => String(text)).join('')) as Record<string, unknown>,
    notes: err.mock.calls.map(([text]) => String(text)).join(''),
  }
}

describe('ensuite data', () => {
  it.each([
    [['--out', 'x'], /--out says nothing/],
    [['--accept-licence'], /--accept-licence says nothing/],
    [['--list', 'ml-1m'], /'ml-1m' says nothing/],
  ])('%j, which says nothing where data sets are listed, is refused', async (words, says) => {
    await expect(data(...words)).rejects.toMatchObject({
      code: 'OPTION_INVALID',
      message: expect.stringMatching(says) as string,
    })
  })

  it('lists all data sets with size, licence and what they are for', async () => {
    const { result } = await data()
    expect(await data('--list')).toMatchObject({ result })
    const listed = result['datasets'] as Record<string, unknown>[]
    expect(listed).toHaveLength(datasets.length)
    for (const each of listed) {
      for (const key of ['name', 'title', 'size', 'purpose', 'homepage', 'preparation'])
        expect(each[key]).toMatch(/./)
      expect(each['licence']).toMatchObject({ name: expect.stringMatching(/./) as string })
    }
  })

  it('prepares the one of this package, says its licence, and replaces only what it made', async () => {
    const out = folder.path('deep/er/shop')
    const { result, notes } = await data('eshop-clothing', '--out', out)
    expect(result).toMatchObject({ sessions: 24_026, interactions: 165_474, items: 217, out })
    expect(notes).toMatch(/CC BY 4\.0/)
    expect(readdirSync(out).sort()).toEqual(['dataset.json', 'events.parquet'])
    const first = readFileSync(`${out}/dataset.json`, 'utf8')
    await data('eshop-clothing', '--out', out)
    expect(readFileSync(`${out}/dataset.json`, 'utf8')).toBe(first)
    expect(readdirSync(folder.path('deep/er'))).toEqual(['shop'])
    writeFileSync(`${out}/notes.txt`, 'mine')
    await expect(data('eshop-clothing', '--out', out)).rejects.toMatchObject({ code: 'OUTPUT_EXISTS' })
    expect(readFileSync(`${out}/notes.txt`, 'utf8')).toBe('mine')
  })

  it.each([
    ['an unknown name', ['ml-1k'], 'OPTION_INVALID', /ml-1m|ml-100k/],
    ['what asks for a login', ['g1'], 'DOWNLOAD_BY_HAND', /kaggle\.com.*--from/],
    ['conditions of an archive', ['ml-1m'], 'LICENCE_UNACCEPTED', /ml-1m-README\.txt.*--accept-licence/],
    ['conditions that are not accepted', ['ml-100k'], 'LICENCE_UNACCEPTED', /README\.txt.*--accept-licence/],
    ['a folder that is not there', ['g1', '--from', 'nowhere'], 'FILE_NOT_FOUND', /nowhere/],
    ['wrong columns', ['retailrocket', '--from', 'wrong'], 'COLUMN_MISSING', /timestamp/],
    ['a bad time', ['retailrocket', '--from', 'bad-time'], 'COLUMN_INVALID', /yesterday/],
    ['a bad seed', ['retailrocket', '--from', 'good', '--seed', '-1'], 'OPTION_INVALID', /seed/],
  ])('%s: a coded error, and nothing is written', async (_, args, code, says) => {
    folder.write('wrong/events.csv', 'a,b\n1,2\n')
    folder.write('bad-time/events.csv', views('yesterday,v,view,1,\n'))
    folder.write('good/events.csv', views('1,v,view,1,\n'))
    const from = args.map((arg, at) => (args[at - 1] === '--from' ? folder.path(arg) : arg))
    const failed = data(...from, '--out', folder.path('new/place'))
    await expect(failed).rejects.toMatchObject({ code, message: expect.stringMatching(says) as string })
    expect(existsSync(folder.path('new'))).toBe(false)
  })

  it('fetches, verifies what can be, prepares, and fetches nothing twice', async () => {
    const rows = Array.from({ length: 20 }, (_, at) => `${at % 4}\t${at % 5}\t3\t${881_250_949 + at}\n`).join(
      '',
    )
    let asked = 0
    const server = createServer((request, response) => {
      asked++
      if (request.url === '/u.data') response.end(rows)
      else response.writeHead(404).end()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    try {
      const remote = (name: string, more: Partial<RemoteFile> = {}): RemoteFile => ({
        name,
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/${name}`,
        mostBytes: 1e6,
        ...more,
      })
      const make = async (name: string, ...files: readonly RemoteFile[]): Promise<string> => {
        vi.spyOn(process.stdout, 'write').mockReturnValue(true)
        const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
        const dataset = { ...datasetNamed('ml-100k'), source: { kind: 'files', files } } as const
        const flags = { out: folder.path(name), acceptLicence: true, seed: 1 }
        await makeDataset(dataset, flags, createOutput({ json: true })).finally(() => vi.restoreAllMocks())
        return err.mock.calls.map(([text]) => String(text)).join('')
      }
      const sha256 = createHash('sha256').update(rows).digest('hex')
      expect(await make('fetched', remote('u.data', { sha256 }))).toMatch(/SHA-256 is the expected one/)
      expect(readdirSync(folder.path('fetched')).sort()).toEqual(['dataset.json', 'events.parquet'])
      expect(await make('fetched', remote('u.data'))).toMatch(/there already/)
      expect(asked).toBe(1)
      expect(await make('unverified', remote('u.data'))).toMatch(/the download is not verified/)
      mkdirSync(folder.path('none'))
      await expect(make('none/x', remote('u.data'), remote('u.item'))).rejects.toMatchObject({
        code: 'DOWNLOAD_FAILED',
        message: expect.stringMatching(/127\.0\.0\.1.*404.*by hand as u\.item.*--from/) as string,
      })
      // What came is kept for the next time; nothing is at the output path.
      expect(readdirSync(folder.path('none'))).toEqual(['x.raw'])
    } finally {
      server.close()
    }
  })

  it('fetches an archive, unpacks what it needs, once, and says where a damaged one is', async () => {
    const ratings = Array.from({ length: 60 }, (_, at) => `${at % 6}::${at % 5}::3::${978_300_000 + at}\n`)
    const good = zipArchive([
      { name: 'ml-1m/README', content: 'Read me' },
      { name: 'ml-1m/ratings.dat', content: ratings.join('') },
    ])
    const answers = [good.subarray(0, 200), good]
    const server = createServer((_, response) => response.end(answers.shift()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/ml-1m.zip`
    const source = {
      kind: 'zip',
      archive: { name: 'ml-1m.zip', url, mostBytes: 1e5 },
      mostUnpackedBytes: 1e5,
    } as const
    const out = folder.path('zipped')
    const make = (): Promise<void> => {
      vi.spyOn(process.stdout, 'write').mockReturnValue(true)
      vi.spyOn(process.stderr, 'write').mockReturnValue(true)
      const flags = { out, acceptLicence: true, seed: 1 }
      return makeDataset({ ...datasetNamed('ml-1m'), source }, flags, createOutput({ json: true })).finally(
        () => vi.restoreAllMocks(),
      )
    }
    try {
      const damaged = {
        code: 'FILE_UNREADABLE',
        message: expect.stringMatching(/ml-1m\.zip.*Remove it/) as string,
      }
      await expect(make()).rejects.toMatchObject(damaged)
      expect(readdirSync(`${out}.raw`)).toEqual(['ml-1m.zip'])
      rmSync(`${out}.raw/ml-1m.zip`)
      await make()
      expect(readdirSync(out).sort()).toEqual(['dataset.json', 'events.parquet'])
      expect(readdirSync(`${out}.raw/unpacked/ml-1m`)).toEqual(['ratings.dat'])
      await make()
      expect(answers).toEqual([])
    } finally {
      server.close()
    }
  })
})
