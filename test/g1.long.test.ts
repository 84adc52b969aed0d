import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { ensuite } from './cli/run.ts'

const from = fileURLToPath(new URL('../../shared/data/g1_news', import.meta.url))
const here = existsSync(from)

it.skipIf(!here)(
  `G1 has exactly the counts of the Transformers4Rec paper, Table 1${here ? '' : ' (skipped: ../shared/data is not here)'}`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ensuite-g1-'))
    try {
      const ran = await ensuite(['data', 'g1', '--from', from, '--out', join(folder, 'g1'), '--json'])
      expect([ran.code, ran.code === 0 ? '' : ran.stderr]).toEqual([0, ''])
      expect(JSON.parse(ran.stdout)).toMatchObject({
        sessions: 1_048_556,
        interactions: 2_988_037,
        windows: 381,
        items: 46_027,
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)
