// Compiles src/kernels/assembly (AssemblyScript) into src/kernels/wasm.generated.ts, a module that Node and browsers can import.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const target = join(root, 'src/kernels/wasm.generated.ts')

const wasm = await compiled()
const text = `// Made by scripts/build-kernels.mjs from src/kernels/assembly. Do not edit.
export const wasmBase64: string =
  '${Buffer.from(wasm).toString('base64')}'
`
const before = await readFile(target, 'utf8').catch(() => undefined)
if (before === text) {
  console.log(`kernels: unchanged, ${wasm.length} bytes of WebAssembly`)
} else {
  // Beside and renamed: a test that starts meanwhile sees the old file or the new one, never half of one.
  const beside = `${target}.${process.pid}`
  try {
    await writeFile(beside, text)
    await rename(beside, target)
  } finally {
    await rm(beside, { force: true })
  }
  console.log(`kernels: built, ${wasm.length} bytes of WebAssembly`)
}

async function compiled() {
  const files = new Map()
  const { error, stderr } = await asc.main(
    [
      'src/kernels/assembly/index.ts',
      ...['--baseDir', root],
      ...['--outFile', 'kernels.wasm'],
      ...['--runtime', 'stub'],
      ...['--enable', 'simd'],
      '-O3',
      '--noAssert',
      '--importMemory',
    ],
    { writeFile: (name, contents) => files.set(name, contents) },
  )
  if (error) throw new Error(`AssemblyScript failed: ${error.message}\n${stderr.toString()}`)
  return files.get('kernels.wasm')
}
