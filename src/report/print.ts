/** A number as people read it: four significant digits, whole numbers whole. */
export function shortNumber(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  if (Number.isInteger(value)) return Math.abs(value) < 1e15 ? value.toLocaleString('en') : String(value)
  const size = Math.abs(value)
  if (size < 1e-4 || size >= 1e7) return value.toExponential(2)
  return size >= 1000 ? value.toFixed(1) : String(Number(value.toPrecision(4)))
}
