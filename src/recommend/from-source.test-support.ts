import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import ts from 'typescript'
import { afterAll } from 'vitest'

const sources = fileURLToPath(new URL('..', import.meta.url))
/** Below node_modules, so that the packages are found from there. */
const built = fileURLToPath(
  new URL(`../../node_modules/.cache/ensuite-worker-${process.pid}/`, import.meta.url),
)

const compilerOptions: ts.CompilerOptions = {
  module: ts.ModuleKind.ESNext,
  target: ts.ScriptTarget.ES2023,
  verbatimModuleSyntax: true,
  rewriteRelativeImportExtensions: true,
}

/** What was built by this test file. */
const fresh = new Set<string>()

/** Takes the types away from a file and from all that it imports. */
function build(source: string, done: Set<string>): void {
  if (done.has(source)) return
  done.add(source)
  const { outputText } = ts.transpileModule(readFileSync(source, 'utf8'), { compilerOptions })
  const target = join(built, relative(sources, source)).replace(/\.ts$/, '.js')
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, outputText)
  for (const [, path] of outputText.matchAll(/from ["'](\.[^"']+)\.js["']/g))
    build(join(dirname(source), `${path!}.ts`), done)
}

/**
 * The URL of a source file as JavaScript, as it stands, so that no test looks at an old build: neither a thread nor a process of
 * Node 20 can start from TypeScript.
 */
export function fromSource(name: string): URL {
  const target = join(built, 'recommend', name.replace(/\.ts$/, '.js'))
  // Building takes long, and a server loads often.
  if (!fresh.has(name) || !existsSync(target)) {
    build(join(sources, 'recommend', name), new Set())
    writeFileSync(join(built, 'package.json'), '{"type":"module"}')
    fresh.add(name)
  }
  afterAll(() => {
    rmSync(built, { recursive: true, force: true })
  })
  return pathToFileURL(target)
}
