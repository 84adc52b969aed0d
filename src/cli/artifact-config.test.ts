import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { artifactFromFiles } from '../artifact/index.ts'
import { encodeArtifact } from '../artifact/encode-artifact.ts'
import { tiny } from '../artifact/tiny-model.test-support.ts'
import { artifactConfig, type ArtifactConfig } from './artifact-config.ts'
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
