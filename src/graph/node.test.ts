import os from 'node:os'
import * as ort from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { graph, input, mul } from './index.ts'
import { nodeRuntime } from './node.ts'
import type { Device } from './runtime.ts'

const smallest = graph({ y: mul(input('x', 'float32', [2]), 2) })
const unavailable = (message: RegExp): unknown =>
  expect.objectContaining({ code: 'DEVICE_UNAVAILABLE', message: expect.stringMatching(message) as string })
const listed = ort.listSupportedBackends().map(({ name }) => name)

describe('devices', () => {
  test.each<[Device, string]>([
    ['cuda', 'cuda'],
    ['webgpu', 'webgpu'],
    ['coreml', 'coreml'],
    ['directml', 'dml'],
  ])('%s runs, or says why not and what there is', async (device, backend) => {
    if (!listed.includes(backend)) {
      const here = `${os.platform()}-${os.arch()}`
      const message = new RegExp(
        `^Device '${device}' cannot start: .*${here} is built for cpu.*Use one of these\\.$`,
      )
      expect(() => nodeRuntime({ device })).toThrow(unavailable(message))
      return
    }
    const runtime = nodeRuntime({ device })
    const outcome = await runtime.compile(smallest).catch((cause: unknown) => cause)
    if (outcome instanceof Error) {
      // Listed, but without a driver or hardware on this machine.
      const message = new RegExp(
        `^Device '${device}' cannot start: .{10,} Install what this names, or use another device: .*cpu`,
      )
      expect(() => {
        throw outcome
      }).toThrow(unavailable(message))
      expect(outcome.cause).toBeInstanceOf(Error)
      return
    }
    const program = outcome as Awaited<ReturnType<typeof runtime.compile>>
    const { y } = await program.run({ x: { dtype: 'float32', dims: [2], data: Float32Array.of(1, 2) } })
    expect([...y!.data]).toEqual([2, 4])
  })

  test.each<[string, unknown, RegExp]>([
    ['a device alone', 'cuda', /received 'cuda'\. Known: device, threads/],
    ['a number', 5, /received 5\./],
    ['another option', { gpu: true }, /no option 'gpu'/],
    ['another device', { device: 'gpu' }, /Device 'gpu' cannot start: .*cpu/],
  ])('%s is refused with what is accepted', (_, options, message) => {
    expect(() => nodeRuntime(options as never)).toThrow(message)
  })

  test("'wasm' is the browser's", () => {
    expect(() => nodeRuntime({ device: 'wasm' })).toThrow(unavailable(/Use 'cpu' here/))
  })

  test('a graph that fails on a device that works is not blamed on the device', async () => {
    await expect(nodeRuntime({ threads: 1 }).open(new Uint8Array(8))).rejects.toMatchObject({
      code: 'RUNTIME_FAILED',
    })
  })

  test('threads do not change the result', async () => {
    const results = await Promise.all(
      [1, 2].map(async (threads) => {
        const program = await nodeRuntime({ threads }).compile(smallest)
        const x = { dtype: 'float32', dims: [2], data: Float32Array.of(0.1, 3) } as const
        return [...(await program.run({ x })).y!.data]
      }),
    )
    expect(results[0]).toEqual(results[1])
    expect(results[0]).toEqual([Math.fround(0.2), 6])
  })
})
