import { describe, expect, test } from 'vitest'
import { startPeer } from './peer.ts'

/** Doubles numbers, complains about others, dies of 13. */
const SCRIPT = `
require('node:readline').createInterface(process.stdin).on('line', (line) => {
  const { n } = JSON.parse(line)
  if (n === 13) { console.error('bad luck'); process.exit(3) }
  console.log('not JSON')
  console.log(JSON.stringify(typeof n === 'number' ? { twice: 2 * n, from: process.env.FROM } : { error: 'no number' }))
})`
const start = (): ReturnType<typeof startPeer> =>
  startPeer(process.execPath, ['-e', SCRIPT], { environment: { FROM: 'parent' } })

describe('a peer process', () => {
  test('answers one question after another, and after an error', async () => {
    const peer = start()
    expect(await peer.ask({ n: 4 })).toEqual({ twice: 8, from: 'parent' })
    await expect(peer.ask({})).rejects.toThrow('no number')
    expect(await peer.ask({ n: 5 })).toMatchObject({ twice: 10 })
    await peer.close()
  })

  test('that dies says why, then and later', async () => {
    const peer = start()
    await expect(peer.ask({ n: 13 })).rejects.toThrow(/exit code 3\. bad luck/)
    await expect(peer.ask({ n: 1 })).rejects.toThrow(/exit code 3/)
    await peer.close()
  })

  test('that is not there says so', async () => {
    const peer = startPeer('no-such-program', [])
    await expect(peer.ask({})).rejects.toThrow(/no-such-program cannot be started/)
    await peer.close()
  })
})
