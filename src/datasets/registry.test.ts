import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { namedFiles } from './dataset.ts'
import { datasetNamed, datasets } from './registry.ts'

describe('the catalogue', () => {
  it('has these data sets, each name once', () => {
    expect(datasets.map(({ name }) => name)).toEqual([
      'eshop-clothing',
      'ml-100k',
      'ml-1m',
      'ml-20m',
      'yoochoose',
      'diginetica',
      'retailrocket',
      'rees46',
      'g1',
      'amazon-beauty',
      'amazon-sports',
      'amazon-toys',
      'amazon-video-games',
      'amazon-books',
      'steam',
    ])
  })

  it.each(datasets)('$name: what is fetched is what a layout expects', (dataset) => {
    const { source } = dataset
    const names = [...namedFiles(dataset)]
    const files = source.kind === 'files' ? source.files : []
    for (const file of files) expect(names).toContain(file.name.replace(/\.gz$/, ''))
    if (source.kind === 'zip') {
      const folder = source.archive.name.replace(/\.zip$/, '')
      expect(names.some((name) => name.startsWith(`${folder}/`))).toBe(true)
      expect(source.mostUnpackedBytes).toBeGreaterThan(source.archive.mostBytes)
    }
    for (const file of [...files, ...(source.kind === 'zip' ? [source.archive] : [])]) {
      expect(new URL(file.url).protocol).toMatch(/^https?:$/)
      if (file.sha256 !== undefined) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/)
      expect(file.mostBytes).toBeGreaterThanOrEqual(file.bytes ?? 1)
    }
  })

  it.each(datasets)('$name: written columns have names of their own', ({ layouts }) => {
    for (const { recipe, lookups = [] } of layouts) {
      const written = [...recipe.columns, ...lookups.flatMap(({ columns }) => columns)].map(
        ({ name }) => name,
      )
      expect(new Set(['session', 'item', 'time', 'window', ...written]).size).toBe(written.length + 4)
    }
  })

  it('each is prepared from made-up rows, or one that has its preparation is', () => {
    const tests = readdirSync(import.meta.dirname)
      .filter((name) => name.endsWith('.test.ts') && name !== 'shared-data.test.ts')
      .map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'))
      .join('\n')
    const named = [...tests.matchAll(/prepareFrom\('([^']+)'/g)].map(([, name]) => datasetNamed(name!))
    const missing = datasets.filter(
      ({ preparation }) => !named.some((tested) => tested.preparation === preparation),
    )
    expect(
      missing.map(({ name }) => name),
      'Prepare it from rows in its original format in original-formats.test.ts.',
    ).toEqual([])
  })

  it('links to each licence', () => {
    for (const { licence } of datasets) expect(() => new URL(licence.link)).not.toThrow()
  })

  it.each([
    ['ml-10k', /Did you mean ml-100k/],
    ['amazon', /Did you mean amazon-beauty, amazon-sports/],
    ['netflix', /Known: eshop-clothing/],
  ])('%s is unknown, and the message helps', (name, says) => {
    expect(() => datasetNamed(name)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
    expect(() => datasetNamed(name)).toThrow(says)
  })
})
