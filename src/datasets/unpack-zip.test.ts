import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { temporaryFolder } from '../events/test-files.test-support.ts'
import { unpackZip } from './unpack-zip.ts'
import { zipArchive } from './zip-archive.test-support.ts'

const folder = temporaryFolder()
const ratings = '1::2::3::4\n'.repeat(5000)
const good = zipArchive([
  { name: 'set/', content: '', deflated: false },
  { name: 'set/ratings.dat', content: ratings },
  { name: 'set/movies.dat', content: 'Amélie', deflated: false },
  { name: 'set/README', content: 'read me' },
])

let count = 0
function unpack(
  bytes: Uint8Array,
  mostBytes = 1e6,
): Promise<readonly string[]> & { readonly folder: string } {
  const name = `${++count}`
  mkdirSync(folder.path(name))
  const names = new Set(['set/ratings.dat', 'set/movies.dat', 'ratings.dat'])
  const options = { folder: folder.path(name), names, mostBytes }
  return Object.assign(unpackZip(folder.write(`${name}.zip`, bytes), options), { folder: folder.path(name) })
}

describe('a zip archive', () => {
  it('gives the files that are asked for, deflated or stored, and no others', async () => {
    const unpacked = unpack(good)
    expect(await unpacked).toEqual(['set/ratings.dat', 'set/movies.dat'])
    expect(readFileSync(`${unpacked.folder}/set/ratings.dat`, 'utf8')).toBe(ratings)
    expect(readFileSync(`${unpacked.folder}/set/movies.dat`, 'utf8')).toBe('Amélie')
    expect(existsSync(`${unpacked.folder}/set/README`)).toBe(false)
  })

  const one = (more: object, content = ratings): Buffer =>
    zipArchive([{ name: 'ratings.dat', content, ...more }])
  const flipped = (at: number): Buffer => {
    const bytes = one({ deflated: false })
    bytes[at]! ^= 1
    return bytes
  }
  it.each([
    ['is none', Buffer.from('PK'), /not a zip file, or file is truncated/],
    ['is empty', Buffer.from(''), /not a zip file|truncated/],
    ['is cut off', good.subarray(0, good.length - 30), /truncated/],
    ['has a damaged directory', Buffer.from(good.map((byte, at) => (at > good.length - 80 ? 0 : byte))), /./],
    ['has a damaged file', flipped(100), /'ratings\.dat' is not what was packed: its CRC-32 differs/],
    ['has a file whose packing is damaged', one({ deflated: false, flags: 0 }).fill(0xff, 41, 60), /CRC-32/],
    [
      'has junk for a packed file',
      zipArchive([{ name: 'ratings.dat', content: ratings }]).fill(7, 41, 60),
      /./,
    ],
    ['has another sum', one({ declaredSum: 1 }), /CRC-32/],
    ['holds more than it declares', one({ declaredBytes: 10 }), /too many bytes/],
    ['holds less than it declares', one({ declaredBytes: 60_000 }), /not enough bytes/],
    ['is encrypted', one({ flags: 1 }), /encrypted/],
    [
      'holds a file twice',
      zipArchive([
        { name: 'a', content: '1' },
        { name: 'a', content: '2' },
      ]),
      /'a' twice/,
    ],
  ])('that %s is refused', async (_, bytes, says) => {
    await expect(unpack(bytes)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(says) as string,
    })
  })

  it('that unpacks to more than is expected is refused before a byte is written', async () => {
    const bomb = unpack(one({}, '0'.repeat(2_000_000)))
    await expect(bomb).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringMatching(/unpacks to 2000000 bytes; at most 1000000/) as string,
    })
    expect(existsSync(`${bomb.folder}/ratings.dat`)).toBe(false)
    const liar = unpack(one({ declaredBytes: 5 }, '0'.repeat(2_000_000)))
    await expect(liar).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    expect(readFileSync(`${liar.folder}/ratings.dat`).length).toBeLessThan(1e6)
  })

  it.each([
    '../ratings.dat',
    'set/../../ratings.dat',
    '/etc/ratings.dat',
    'C:/ratings.dat',
    '..\\ratings.dat',
  ])('with the path %s is refused', async (name) => {
    const bytes = zipArchive([
      { name: 'ratings.dat', content: ratings },
      { name, content: 'x' },
    ])
    const escaping = unpack(bytes)
    await expect(escaping).rejects.toMatchObject({ code: 'PATH_ESCAPES' })
    expect(existsSync(`${escaping.folder}/ratings.dat`)).toBe(false)
  })
})
