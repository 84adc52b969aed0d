import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { artifactFromFiles, readBaseline, saveBaseline, type SavedBaseline } from '../artifact/index.ts'
import { encodeArtifact } from '../artifact/encode-artifact.ts'
import { tinyBaseline } from '../artifact/tiny-baseline.test-support.ts'
import { temporaryFolder, tiny } from '../artifact/tiny-model.test-support.ts'
import { artifactConfig, baselineConfig, type ArtifactConfig } from './artifact-config.ts'
import { checkConfig } from './config.ts'

const configOf = async (training?: object): Promise<ArtifactConfig> =>
  artifactConfig(
    await artifactFromFiles(
      encodeArtifact(
        { ...tiny({ sides: true }), ...(training && { training }) },
        {
          createdAt: new Date(0),
          packageVersion: '0.1.0',
          sha256: (bytes) => createHash('sha256').update(bytes).digest('hex'),
        },
      ),
    ),
  )

test('an artifact that was saved from code has its workflow and its model', async () => {
  const config = await configOf()
  expect(Object.keys(config)).toEqual(['workflow', 'model'])
  expect(config.workflow.features).toHaveProperty('price')
  expect(config.model).toMatchObject({
    block: { kind: 'sasrec' },
    heads: [{ kind: 'next-item' }],
    maxLength: 6,
  })
  checkConfig('config', config)
})

test('what was saved of its training is there, or refused where it is none', async () => {
  const training = { learnFrom: 'all', train: { epochs: 3, optimizer: { beta1: 0.8 } } }
  expect(await configOf(training)).toMatchObject(training)
  for (const bad of [{ train: { epoch: 3 } }, { model: {} }, { train: { optimizer: { beta1: 2 } } }])
    await expect(configOf(bad)).rejects.toMatchObject({
      code: 'ARTIFACT_INVALID',
      message: expect.stringMatching(/epochs|model|beta1/) as string,
    })
})

test('of a baseline: what makes it again, or refused where its record is none', async () => {
  const folder = join(await temporaryFolder(), 'shop')
  const saved = async (training?: object): Promise<SavedBaseline> => {
    await saveBaseline(folder, tinyBaseline({ kind: 'ease' }), { createdAt: new Date(0) })
    return { ...(await readBaseline(folder)), ...(training && { training: training as never }) }
  }
  const config = baselineConfig(await saved())
  expect(Object.keys(config)).toEqual(['workflow', 'baseline'])
  expect(config.baseline).toEqual({ kind: 'ease', options: { regularisation: 100 } })
  checkConfig('config', config)
  const training = { learnFrom: 'all', train: { seed: 3, ks: [5] } }
  expect(baselineConfig(await saved(training))).toMatchObject(training)
  for (const bad of [{ train: { epochs: 3 } }, { warmStart: 'x' }, { train: { ks: 5 } }]) {
    const odd = await saved(bad)
    expect(() => baselineConfig(odd)).toThrow(expect.objectContaining({ code: 'ARTIFACT_INVALID' }) as Error)
  }
})
