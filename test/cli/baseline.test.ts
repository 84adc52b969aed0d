import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { ensuite, plantedLog } from './run.ts'

const folder = mkdtempSync(join(tmpdir(), 'ensuite-baseline-'))
const at = (name: string): string => join(folder, name)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('trains a baseline, recommends from it, and goes on from none', async () => {
  writeFileSync(at('clicks.csv'), plantedLog({ sessions: 40, length: 6, items: 12 }))
  const columns = ['--session', 'session', '--item', 'item', '--time', 'time']
  const made = await ensuite([
    'train',
    at('clicks.csv'),
    ...columns,
    '--baseline',
    'vstan',
    '--out',
    at('vstan'),
  ])
  expect([made.code, made.stderr]).toEqual([0, expect.any(String)])
  expect(made.stdout).toMatch(/vstan[^]*markov[^]*popularity[^]*Saved to/)
  const recommend = (...flags: readonly string[]) => ensuite(['recommend', at('vstan'), ...flags])
  const { stdout } = await recommend('--items', 'i3,i4', '-k', '1', '--json')
  // In this log each item is followed by the next one.
  expect(JSON.parse(stdout)).toMatchObject({ items: [{ item: 'i5' }], unknown: [] })
  const unknown = await recommend('--items', 'nothing')
  expect(unknown.stderr).toContain('No known item is left in the session')
  const warm = await ensuite(['train', at('clicks.csv'), '--warm-start', at('vstan'), '--out', at('warm')])
  expect(warm).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/artifact of a baseline, vstan/) as string,
  })
}, 60_000)
