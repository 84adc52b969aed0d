import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { mlflowClient } from './mlflow-client.ts'

test('an answer without end, whose header says nothing of it, is given up at the limit', async () => {
  let sent = 0
  const server = createServer((_, response) => {
    const megabyte = Buffer.alloc(1024 * 1024, 'x')
    const more = (): void => {
      do sent += megabyte.length
      while (response.write(megabyte))
    }
    response.on('drain', more)
    more()
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const client = mlflowClient({
    ...{ trackingUri: `http://127.0.0.1:${port}`, token: undefined, timeoutMs: 30_000 },
  })
  const got = await client.ask('GET', 'experiments/get-by-name', {})
  expect('refusal' in got && got.refusal.error.message).toMatch(/more than 16777216 bytes/)
  expect(sent).toBeLessThan(64 * 1024 * 1024)
})
