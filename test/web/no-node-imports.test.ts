import { existsSync, readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')
const nodeOnly = ['onnxruntime-node', '@duckdb/', 'commander', 'cli-progress', 'cli-table3']

/** Every file that an entry reaches by imports that stay after type-checking, and every package it names. */
function walk(entry: string): {
  readonly files: readonly string[]
  readonly packages: ReadonlyMap<string, string>
} {
  const files = [entry]
  const packages = new Map<string, string>()
  for (const file of files) {
    const emitted = ts.transpileModule(readFileSync(file, 'utf8'), {
      fileName: file,
      compilerOptions: {
        target: ts.ScriptTarget.ES2023,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    }).outputText
    for (const { fileName } of ts.preProcessFile(emitted, true, true).importedFiles) {
      if (!fileName.startsWith('.')) {
        packages.set(fileName, path.relative(root, file))
        continue
      }
      const found = path.resolve(path.dirname(file), fileName)
      if (!files.includes(found)) files.push(found)
    }
  }
  return { files, packages }
}

const offending = (packages: ReadonlyMap<string, string>): readonly string[] =>
  [...packages]
    .filter(
      ([name]) =>
        name.startsWith('node:') ||
        builtinModules.includes(name) ||
        nodeOnly.some((each) => name === each || name.startsWith(each)),
    )
    .map(([name, file]) => `${file} imports ${name}`)

describe('the browser entry', () => {
  const { files, packages } = walk(path.join(root, 'src/web.ts'))

  test('reaches nothing that needs Node', () => {
    expect(offending(packages)).toEqual([])
  })

  test('reaches the graph and the WebAssembly build', () => {
    expect(files.map((file) => path.relative(root, file))).toContain(path.join('src', 'graph', 'emit.ts'))
    expect(files.every((file) => existsSync(file))).toBe(true)
    expect([...packages.keys()]).toContain('onnxruntime-web')
  })

  test('would be found out', () => {
    expect(offending(walk(path.join(root, 'src/graph/node.ts')).packages)).toEqual([
      `${path.join('src', 'graph', 'node.ts')} imports node:os`,
      `${path.join('src', 'graph', 'node.ts')} imports onnxruntime-node`,
    ])
  })
})
