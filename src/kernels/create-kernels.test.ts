import { afterEach, describe, expect, it, vi } from 'vitest'
import { createKernels, createPlainKernels } from './index.ts'

describe('createKernels', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
  })

  it.each([-1, 0.5, Number.NaN])('refuses %f bytes', async (bytes) => {
    await expect(createKernels({ bytes })).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    expect(() => createPlainKernels({ bytes })).toThrow('bytes must be a whole number')
  })

  it('says what to make smaller when one memory cannot hold it', async () => {
    await expect(createKernels({ bytes: 2 ** 32 })).rejects.toMatchObject({
      code: 'MEMORY_FULL',
      message: expect.stringMatching(/smaller batch/) as string,
    })
  })

  it('refuses an option that it does not know', async () => {
    const misspelt = { bytes: 64, byte: 64 }
    await expect(createKernels(misspelt)).rejects.toThrow("Did you mean 'bytes'?")
    expect(() => createPlainKernels(misspelt)).toThrow("Did you mean 'bytes'?")
  })

  it('needs nothing of Node: no Buffer', async () => {
    vi.stubGlobal('Buffer', undefined)
    const kernels = await createKernels({ bytes: 64 })
    const values = kernels.float32(3).fill(2)
    expect(kernels.sumOfSquares(values)).toBe(12)
  })

  it('reaches beyond two gigabytes, where a pointer is negative to JavaScript', async () => {
    const kernels = await createKernels({ bytes: 2_300_000_000 })
    kernels.float32(2 ** 29 + 2 ** 20)
    const values = kernels.float32(1001)
    expect(values.byteOffset).toBeGreaterThan(2 ** 31)
    kernels.fill(values, 2)
    expect(values.every((value) => value === 2)).toBe(true)
    expect(kernels.sumOfSquares(values)).toBe(4004)
    const table = kernels.float32(6)
    const ids = kernels.int32(2).fill(2)
    kernels.scatterAddRows(table, ids, values.subarray(0, 4), 2)
    expect([...table]).toEqual([0, 0, 0, 0, 4, 4])
  })

  it('says so when the machine has no such memory', async () => {
    const refuse = function () {
      throw new RangeError('could not allocate memory')
    }
    vi.stubGlobal('WebAssembly', { Memory: refuse })
    await expect(createKernels({ bytes: 1000 })).rejects.toMatchObject({
      code: 'MEMORY_FULL',
      message: expect.stringContaining('Ask for fewer bytes') as string,
      cause: expect.any(RangeError) as RangeError,
    })
  })
})
