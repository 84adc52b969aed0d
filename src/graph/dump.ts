import { formatShape } from './dims.ts'
import type { Graph } from './emit.ts'
import { inputName, isInput, type Tensor } from './tensor.ts'

/** A graph as text, one node a line: for reading, and for tests that a refactor leaves a graph unchanged. */
export function dump(graph: Graph): string {
  const names = new Map<Tensor, string>()
  const lines = graph.nodes.map((node, at) => {
    for (const output of node.outputs) {
      names.set(
        output,
        isInput(output) ? inputName(output) : `%${at}${node.outputs.length > 1 ? `.${output.index}` : ''}`,
      )
    }
    const made = node.outputs
      .map((output) => `${names.get(output) ?? ''}: ${output.dtype}${formatShape(output.shape)}`)
      .join(', ')
    const inputs = node.inputs.map((each) => names.get(each) ?? '?').join(', ')
    const attributes = Object.entries(node.attributes)
      .filter(([, value]) => typeof value !== 'function')
      .map(([key, value]) => ` ${key}=${JSON.stringify(value)}`)
      .join('')
    return `${made} = ${node.operator.name}(${inputs})${attributes}`
  })
  const outputs = Object.entries(graph.outputs).map(
    ([name, tensor]) => `${name} = ${names.get(tensor) ?? '?'}`,
  )
  return [...lines, ...outputs].join('\n')
}
