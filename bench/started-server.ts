import { fork } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A server in a process of its own. */
export interface StartedServer {
  readonly url: string
  /** Ends it, once it has answered what it took. */
  stop(): Promise<void>
}

/** `ensuite serve` of an artifact, without a limit of the rate: what is measured is the queue. Its configuration is written into `root`. */
export async function startServer(
  root: string,
  artifact: string,
  { threads }: { readonly threads?: string } = {},
): Promise<StartedServer> {
  const config = join(root, 'serve.json')
  await writeFile(config, JSON.stringify({ limits: { ratePerSecond: 1e6, rateBurst: 1e6 } }))
  const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const more = threads === undefined ? [] : ['--threads', threads]
  const child = fork(main, ['serve', '--config', config, artifact, '--port', '0', '--json', ...more], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout!.once('data', (text: Buffer) =>
      resolve((JSON.parse(text.toString()) as { readonly url: string }).url),
    )
    child.once('exit', (code) => reject(new Error(`The server exited with code ${code}.`)))
  })
  return {
    url,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}
