// AdamW:  p ← decay·p;  m ← β₁·m + (1 − β₁)·g;  v ← β₂·v + (1 − β₂)·g²;  p ← p − rate·(m / (√v·correction + ε))
// Adam:   g ← g + decay·p in place of p ← decay·p.
// Every operation is rounded to float32 in this order, so that the plain twin gives the same bits.
//
// Moments too small for a normal float32 become 0. Without that, a row whose gradient stays 0 keeps its mean at some
// 1e-41 for ever, where processors calculate in microcode: the whole update takes 25 to 40 times as long. Dividing
// before the rate is multiplied keeps the move out of that range too. The comparisons are false for NaN, which stays.

const NORMAL: f32 = 1.1754943508222875e-38

/** Compiled once for each `Decay`, so that neither has the other's branch: `bool` is Adam's, in the gradient, `f32` AdamW's. */
function adamOf<Decay>(
  parameters: usize,
  gradients: usize,
  firstMoment: usize,
  secondMoment: usize,
  length: u32,
  decay: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
  scale: f32,
): void {
  const decays = f32x4.splat(decay)
  const beta1s = f32x4.splat(beta1)
  const rest1s = f32x4.splat(rest1)
  const beta2s = f32x4.splat(beta2)
  const rest2s = f32x4.splat(rest2)
  const rates = f32x4.splat(rate)
  const corrections = f32x4.splat(correction)
  const epsilons = f32x4.splat(epsilon)
  const scales = f32x4.splat(scale)
  const normals = f32x4.splat(NORMAL)
  const whole: usize = ((<usize>length) & ~3) << 2
  const all: usize = (<usize>length) << 2
  let at: usize = 0
  while (at < whole) {
    let g = f32x4.mul(v128.load(gradients + at), scales)
    if (isBoolean<Decay>()) g = f32x4.add(g, f32x4.mul(v128.load(parameters + at), decays))
    let m = f32x4.add(f32x4.mul(v128.load(firstMoment + at), beta1s), f32x4.mul(g, rest1s))
    m = v128.andnot(m, f32x4.lt(f32x4.abs(m), normals))
    let v = f32x4.add(f32x4.mul(v128.load(secondMoment + at), beta2s), f32x4.mul(f32x4.mul(g, g), rest2s))
    v = v128.andnot(v, f32x4.lt(v, normals))
    v128.store(firstMoment + at, m)
    v128.store(secondMoment + at, v)
    const root = f32x4.add(f32x4.mul(f32x4.sqrt(v), corrections), epsilons)
    const move = f32x4.mul(f32x4.div(m, root), rates)
    let p = v128.load(parameters + at)
    if (!isBoolean<Decay>()) p = f32x4.mul(p, decays)
    v128.store(parameters + at, f32x4.sub(p, move))
    at += 16
  }
  while (at < all) {
    let g: f32 = load<f32>(gradients + at) * scale
    if (isBoolean<Decay>()) g += load<f32>(parameters + at) * decay
    let m: f32 = load<f32>(firstMoment + at) * beta1 + g * rest1
    if (abs<f32>(m) < NORMAL) m = 0
    let v: f32 = load<f32>(secondMoment + at) * beta2 + g * g * rest2
    if (v < NORMAL) v = 0
    store<f32>(firstMoment + at, m)
    store<f32>(secondMoment + at, v)
    const move: f32 = (m / (sqrt<f32>(v) * correction + epsilon)) * rate
    let p: f32 = load<f32>(parameters + at)
    if (!isBoolean<Decay>()) p *= decay
    store<f32>(parameters + at, p - move)
    at += 4
  }
}

export function adamW(
  parameters: usize,
  gradients: usize,
  firstMoment: usize,
  secondMoment: usize,
  length: u32,
  decay: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
  scale: f32,
): void {
  adamOf<f32>(
    parameters,
    gradients,
    firstMoment,
    secondMoment,
    length,
    decay,
    beta1,
    rest1,
    beta2,
    rest2,
    rate,
    correction,
    epsilon,
    scale,
  )
}

export function adam(
  parameters: usize,
  gradients: usize,
  firstMoment: usize,
  secondMoment: usize,
  length: u32,
  decay: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
  scale: f32,
): void {
  adamOf<bool>(
    parameters,
    gradients,
    firstMoment,
    secondMoment,
    length,
    decay,
    beta1,
    rest1,
    beta2,
    rest2,
    rate,
    correction,
    epsilon,
    scale,
  )
}

/** Row `i` of the compact gradients belongs to row `rows[i]` of the three tables. */
export function adamWRows(
  parameters: usize,
  gradients: usize,
  firstMoment: usize,
  secondMoment: usize,
  rows: usize,
  count: u32,
  width: u32,
  decay: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
  scale: f32,
): void {
  const stride: usize = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    const offset: usize = <usize>load<u32>(rows + ((<usize>i) << 2)) * stride
    adamW(
      parameters + offset,
      gradients + <usize>i * stride,
      firstMoment + offset,
      secondMoment + offset,
      width,
      decay,
      beta1,
      rest1,
      beta2,
      rest2,
      rate,
      correction,
      epsilon,
      scale,
    )
  }
}

export function adamRows(
  parameters: usize,
  gradients: usize,
  firstMoment: usize,
  secondMoment: usize,
  rows: usize,
  count: u32,
  width: u32,
  decay: f32,
  beta1: f32,
  rest1: f32,
  beta2: f32,
  rest2: f32,
  rate: f32,
  correction: f32,
  epsilon: f32,
  scale: f32,
): void {
  const stride: usize = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    const offset: usize = <usize>load<u32>(rows + ((<usize>i) << 2)) * stride
    adam(
      parameters + offset,
      gradients + <usize>i * stride,
      firstMoment + offset,
      secondMoment + offset,
      width,
      decay,
      beta1,
      rest1,
      beta2,
      rest2,
      rate,
      correction,
      epsilon,
      scale,
    )
  }
}
