/**
 * What the digest that a JSON object holds of itself, as `digest`, is taken of: all its other values in their order, on one line. How the file spells them,
 * in one line or many, does not matter.
 */
export function digestedBytes(json: object): Uint8Array<ArrayBuffer> {
  const { digest: _, ...rest } = json as { readonly digest?: unknown }
  return new TextEncoder().encode(JSON.stringify(rest))
}
