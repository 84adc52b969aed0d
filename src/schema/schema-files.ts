import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { lstat, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { EnsuiteError } from '../errors.ts'
import { checkOptions, checkPath } from '../options.ts'
import { checkSchema, type Schema } from './schema.ts'
import { schemaFromJson, schemaToJson } from './schema-json.ts'
import { schemaFromText, schemaToText } from './schema-text.ts'

/** Inside a folder of data, in the order in which they are looked for. */
const JSON_FILE = join('.merlin', 'schema.json')
const TEXT_FILE = 'schema.pbtxt'
/** A thousand columns take about half a megabyte. */
const MAX_BYTES = 16 * 1024 * 1024

/**
 * Reads a schema that Merlin, Transformers4Rec or `writeSchema` wrote: a file that ends in `.json` or `.pbtxt`, or a folder with
 * `.merlin/schema.json` or, where that is not, `schema.pbtxt`.
 *
 * Throws `FILE_NOT_FOUND`, `FILE_UNREADABLE`, `FORMAT_UNKNOWN`, `SCHEMA_INVALID`, `OPTION_INVALID` for what is no path, and `TAG_COLLISION`
 * unless `override`, which lets later tags win.
 */
export async function readSchema(
  path: string,
  options: { readonly override?: boolean } = {},
): Promise<Schema> {
  checkPath('readSchema', path, 'a file or folder')
  checkOptions('readSchema', options, ['override'])
  const file = await findSchema(path)
  const text = await readText(file)
  const read = file.toLowerCase().endsWith('.json') ? schemaFromJson : schemaFromText
  return read(text, { ...options, where: file })
}

async function findSchema(path: string): Promise<string> {
  const given = resolve(path)
  const found = await entry(given)
  if (found === undefined) throw new EnsuiteError('FILE_NOT_FOUND', `No file or folder is at ${given}.`)
  if (found.isDirectory()) {
    for (const name of [JSON_FILE, TEXT_FILE])
      if ((await entry(join(given, name))) !== undefined) return join(given, name)
    throw new EnsuiteError(
      'FILE_NOT_FOUND',
      `The folder ${given} holds neither ${JSON_FILE} nor ${TEXT_FILE}.`,
    )
  }
  if (/\.(json|pbtxt)$/i.test(given)) return given
  throw new EnsuiteError(
    'FORMAT_UNKNOWN',
    `A schema's file ends in .json or .pbtxt, received '${basename(given)}'. Rename it.`,
  )
}

async function entry(path: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> {
  try {
    return await stat(path)
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw unreadable(path, String(cause), cause)
  }
}

async function readText(path: string): Promise<string> {
  try {
    // Windows has no O_NONBLOCK, which keeps a pipe from being waited for.
    const { O_NONBLOCK = 0, O_RDONLY } = constants as Partial<typeof constants>
    const file = await open(path, (O_RDONLY ?? 0) | O_NONBLOCK)
    try {
      const found = await file.stat()
      if (!found.isFile()) throw unreadable(path, 'it is no plain file')
      const bytes = new Uint8Array(Math.min(found.size, MAX_BYTES) + 1)
      let length = 0
      for (;;) {
        const { bytesRead } = await file.read(bytes, length)
        length += bytesRead
        if (bytesRead === 0 || length === bytes.length) break
      }
      if (length > MAX_BYTES) throw unreadable(path, `it has more than ${MAX_BYTES} bytes`)
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length))
    } finally {
      await file.close()
    }
  } catch (cause) {
    if (cause instanceof EnsuiteError) throw cause
    throw unreadable(path, cause instanceof TypeError ? 'it is not text in UTF-8' : String(cause), cause)
  }
}

/**
 * Writes `.merlin/schema.json` and `schema.pbtxt` into `folder`, which is made where it is not, each beside its place and renamed.
 *
 * Throws `FILE_UNWRITABLE`, and `OPTION_INVALID` for what is no schema or no path.
 */
export async function writeSchema(schema: Schema, folder: string): Promise<void> {
  checkSchema('writeSchema', schema)
  checkPath('writeSchema', folder)
  const [json, text] = [schemaToJson(schema), schemaToText(schema)]
  const given = resolve(folder)
  try {
    await mkdir(join(given, '.merlin'), { recursive: true })
    if ((await lstat(join(given, '.merlin'))).isSymbolicLink())
      throw new Error('its .merlin is a symbolic link, which could lead out of it')
    await writeBeside([
      [join(given, JSON_FILE), json],
      [join(given, TEXT_FILE), text],
    ])
  } catch (cause) {
    throw new EnsuiteError(
      'FILE_UNWRITABLE',
      `The schema cannot be written into ${given}: ${cause instanceof Error ? cause.message : String(cause)}. Choose another folder.`,
      { cause },
    )
  }
}

/** Writes all files beside their places before it renames the first: the two hardly ever differ. */
async function writeBeside(files: readonly (readonly [string, string])[]): Promise<void> {
  const moves = files.map(([path, text]) => ({
    path,
    text,
    beside: `${path}.${randomBytes(6).toString('hex')}.partial`,
  }))
  try {
    for (const { beside, text } of moves) {
      const file = await open(beside, 'wx')
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
    }
    for (const { beside, path } of moves) await rename(beside, path)
  } catch (error) {
    for (const { beside } of moves) await rm(beside, { force: true })
    throw error
  }
}

function unreadable(path: string, reason: string, cause?: unknown): EnsuiteError {
  return new EnsuiteError(
    'FILE_UNREADABLE',
    `${path} cannot be read: ${reason}. A schema file is expected.`,
    { cause },
  )
}
