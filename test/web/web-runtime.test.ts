import { describe, expect, test } from 'vitest'
import { nodeRuntime } from '../../src/graph/node.ts'
import { gather, graph, input, mul, webRuntime, type Device } from '../../src/web.ts'
import { expectAgreement } from './agree.ts'
import { runSmallTrainingStep } from './small-training-step.ts'

describe('the WebAssembly build of ONNX Runtime, within Node', () => {
  test('gives the numbers of the native build', async () => {
    expectAgreement(
      await runSmallTrainingStep(webRuntime()),
      await runSmallTrainingStep(nodeRuntime({ threads: 1 })),
    )
  })

  test('writes outputs into given memory', async () => {
    const program = await webRuntime().compile(graph({ y: mul(input('x', 'float32', ['n']), 3) }))
    const memory = new Float32Array(5).fill(-1)
    const y = { dtype: 'float32', dims: [2], data: memory.subarray(2, 4) } as const
    await program.run({ x: { dtype: 'float32', dims: [2], data: Float32Array.of(1, 2) } }, { y })
    expect([...memory]).toEqual([-1, -1, 3, 6, -1])
    const small = { dtype: 'float32', dims: [1], data: new Float32Array(1) } as const
    const x = { dtype: 'float32', dims: [2], data: Float32Array.of(1, 2) } as const
    await expect(program.run({ x }, { y: small })).rejects.toThrow(
      expect.objectContaining({
        code: 'RUNTIME_FAILED',
        message: "Output 'y' is float32[2], its memory is for float32[1].",
      }),
    )
    await program.close()
  })

  test('a failure names the layer and the line', async () => {
    const table = input('embedding.weight', 'float32', [2, 1], 'parameter')
    const program = await webRuntime().compile(graph({ y: gather(table, input('ids', 'int32', ['n'])) }))
    const feeds = {
      'embedding.weight': { dtype: 'float32', dims: [2, 1], data: Float32Array.of(1, 2) },
      ids: { dtype: 'int32', dims: [1], data: Int32Array.of(9) },
    } as const
    await expect(program.run(feeds)).rejects.toThrow(
      expect.objectContaining({
        code: 'RUNTIME_FAILED',
        message: expect.stringMatching(
          /gather\(.*\) in 'embedding', made at \S*web-runtime\.test\.ts:\d+/,
        ) as string,
      }),
    )
  })

  test.each<Device>(['cpu', 'cuda', 'coreml', 'directml'])("'%s' is no device of a browser", (device) => {
    expect(() => webRuntime({ device })).toThrow(
      expect.objectContaining({
        code: 'DEVICE_UNAVAILABLE',
        message: `Device '${device}' cannot start: onnxruntime-web is built for wasm, webgpu. Use one of these.`,
      }),
    )
  })

  test('WebGPU says why it cannot start where there is none', async () => {
    await expect(
      webRuntime({ device: 'webgpu' }).compile(graph({ y: mul(input('x', 'float32', [1]), 3) })),
    ).rejects.toThrow(
      expect.objectContaining({
        code: 'DEVICE_UNAVAILABLE',
        message: expect.stringMatching(/^Device 'webgpu' cannot start: .{10,}wasm/) as string,
      }),
    )
  })
})
