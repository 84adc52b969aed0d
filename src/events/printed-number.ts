/**
 * The SQL of a finite double, as the engine writes it in JSON, as the text that JavaScript prints: the engine's digits and exponents are JavaScript's,
 * but it keeps the fraction of a whole number, the sign of zero, and leaves out the plus of an exponent.
 */
export const printedNumber = (json: string): string =>
  `CASE WHEN ${json} = '-0.0' THEN '0' WHEN ends_with(${json}, '.0') THEN left(${json}, -2) ` +
  `WHEN contains(${json}, 'e') THEN regexp_replace(${json}, 'e([0-9])', 'e+\\1') ELSE ${json} END`

/** The SQL of a stored number with a fraction as the text that JavaScript prints; what is not finite as the engine prints it. */
export function printedFraction(expression: string, type: string): string {
  const plain = `CAST(${expression} AS VARCHAR)`
  // A float's and a decimal's own digits are meant, not those of the double beside it; a text is cast to the nearest double.
  const double = type === 'DOUBLE' ? expression : `CAST(${plain} AS DOUBLE)`
  return `CASE WHEN isfinite(${double}) THEN ${printedNumber(`CAST(to_json(${double}) AS VARCHAR)`)} ELSE ${plain} END`
}

/**
 * The SQL of whether a double is none that `printedNumber` may print: not finite, or beyond 2⁵³, where it does not hold all digits of whole numbers.
 * Online the same is refused.
 */
export const unprintable = (double: string): string =>
  `NOT coalesce(abs(${double}) <= ${Number.MAX_SAFE_INTEGER}, true)`
