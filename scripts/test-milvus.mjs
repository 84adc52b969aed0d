// The contract of vector stores on real Milvus servers: started here on free ports, with folders of their own, and stopped afterwards.
//   node scripts/test-milvus.mjs [--cache FOLDER] [--milvus BIN] [--milvus-lite BIN] [--only milvus|milvus-lite] [--python BIN]
// BIN are servers that are there already; without them both are installed from PyPI into FOLDER (a temporary one by default), which is used again.
// Where none can be installed the contract runs against doubles (src/vector-store/milvus-double.test-support.ts), and what is printed says so.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'

const STARTS_WITHIN_MS = 180_000
const ENDS_WITHIN_MS = 15_000
const MISSING = 'not tested: it could not be installed'

const { values: flags } = parseArgs({
  options: {
    cache: { type: 'string' },
    milvus: { type: 'string' },
    'milvus-lite': { type: 'string' },
    only: { type: 'string' },
    python: { type: 'string', default: 'python3' },
  },
})
const servers = [
  {
    name: 'milvus',
    version: '2.3.5',
    requirements: ['milvus==2.3.5'],
    program: 'milvus-server',
    given: flags.milvus,
    arguments: (data, port) => ['--data', data, '--proxy-port', port],
  },
  {
    name: 'milvus-lite',
    version: '3.2.2',
    requirements: ['milvus-lite==3.2.2', 'pymilvus==3.0.2'],
    program: 'milvus-lite',
    given: flags['milvus-lite'],
    arguments: (data, port) => ['server', '--data-dir', data, '--host', '127.0.0.1', '--port', port],
  },
].filter(({ name }) => flags.only === undefined || flags.only === name)
if (servers.length === 0) throw new Error(`--only is milvus or milvus-lite, not ${flags.only}`)

const work = mkdtempSync(join(tmpdir(), 'ensuite-milvus-'))
const running = new Set()
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => {
    for (const child of running) end(child, 'SIGKILL')
    process.exit(1)
  })

const results = []
try {
  for (const server of servers) results.push(await testServer(server))
} finally {
  rmSync(work, { recursive: true, force: true })
}
if (results.every(({ outcome }) => outcome === MISSING)) {
  console.log('No server could be installed: the contract runs against doubles of one.')
  const outcome = contract({}) ? 'passed' : 'failed'
  results.push({ name: 'double', version: '(no real server was tested)', outcome })
}
for (const { name, version, outcome } of results) console.log(`${name} ${version}: ${outcome}`)
process.exitCode = results.every(({ outcome }) => outcome === 'passed' || isReplaced(outcome)) ? 0 : 1

/** Whether the double was tested in its place. */
function isReplaced(outcome) {
  return outcome === MISSING && results.at(-1).name === 'double'
}

/** Whether the contract holds for the server at the address that the variables name, or for doubles. */
function contract(variables) {
  const { status } = spawnSync(
    join('node_modules', '.bin', 'vitest'),
    ['run', 'src/vector-store/milvus-database.test.ts', '--testTimeout=300000'],
    { stdio: 'inherit', env: { ...process.env, ENSUITE_MILVUS: undefined, ...variables } },
  )
  return status === 0
}

async function testServer({ name, version, requirements, program, given, arguments: argumentsOf }) {
  const bin = given ?? installed(name, requirements, program)
  if (bin === undefined) return { name, version, outcome: MISSING }
  const found = versionOf(bin, name)
  const said = found === undefined ? `${version}?` : found
  const port = await freePort()
  const child = spawn(resolve(bin), argumentsOf(join(work, name), String(port)), {
    cwd: work,
    // A group of its own, so that what it starts is found again.
    detached: true,
    stdio: 'ignore',
  })
  running.add(child)
  try {
    if (!(await isListening(child, port)))
      return { name, version: said, outcome: `not tested: it did not listen within ${STARTS_WITHIN_MS} ms` }
    console.log(`${name} ${said} listens on port ${port}`)
    const outcome = contract({ ENSUITE_MILVUS: `127.0.0.1:${port}` }) ? 'passed' : 'failed'
    return { name, version: said, outcome }
  } finally {
    await stopped(child)
  }
}

/** The program in an environment of its own, which is made where there is none; undefined where that fails. */
function installed(name, requirements, program) {
  const folder = join(flags.cache === undefined ? work : resolve(flags.cache), `venv-${name}`)
  const bin = join(folder, 'bin', program)
  if (existsSync(bin)) return bin
  console.log(`installing ${requirements.join(', ')} …`)
  const steps = [
    [flags.python, ['-m', 'venv', folder]],
    [join(folder, 'bin', 'pip'), ['install', '--quiet', '--disable-pip-version-check', ...requirements]],
  ]
  const failed = steps.some(
    ([command, given]) => spawnSync(command, given, { stdio: 'inherit' }).status !== 0,
  )
  if (failed) rmSync(folder, { recursive: true, force: true })
  return failed ? undefined : bin
}

/** What is installed beside the program, which may be another version than the one that would be installed here. */
function versionOf(bin, name) {
  const python = join(resolve(bin, '..'), 'python3')
  const code = `import importlib.metadata as m; print(m.version('${name}'))`
  const { status, stdout } = spawnSync(python, ['-c', code], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

function freePort() {
  return new Promise((found, failed) => {
    const server = createServer()
    server.once('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => found(port))
    })
  })
}

async function isListening(child, port) {
  for (
    const until = Date.now() + STARTS_WITHIN_MS;
    Date.now() < until && child.exitCode === null;
    await wait(500)
  ) {
    const there = await new Promise((answer) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => (socket.destroy(), answer(true)))
      socket.once('error', () => answer(false))
    })
    if (there) return wait(3000, true)
  }
  return false
}

/** Ends a server and all that it started: `milvus-server` leaves its child, which does not always end when it is asked to. */
async function stopped(child) {
  const started = familyOf(child.pid)
  end(child, 'SIGTERM')
  for (const until = Date.now() + ENDS_WITHIN_MS; Date.now() < until && started.some(lives);) await wait(200)
  for (const pid of started.filter(lives)) process.kill(pid, 'SIGKILL')
  running.delete(child)
}

/** To the whole group. */
function end(child, signal) {
  try {
    process.kill(-child.pid, signal)
  } catch {
    // It has ended.
  }
}

/** A process and its children, where the system tells. */
function familyOf(pid) {
  let children = []
  try {
    children = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .filter((other) => parentOf(other) === pid)
  } catch {
    // Without /proc the signal to the group is all.
  }
  return [pid, ...children.flatMap(familyOf)]
}

function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
  } catch {
    return undefined
  }
}

function lives(pid) {
  try {
    process.kill(pid, 0)
    return !/^\S+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
