function addRow(target: usize, source: usize, width: u32, scale: f32): void {
  const scales = f32x4.splat(scale)
  const whole: usize = ((<usize>width) & ~3) << 2
  const all: usize = (<usize>width) << 2
  let at: usize = 0
  while (at < whole) {
    const sum = f32x4.add(v128.load(target + at), f32x4.mul(v128.load(source + at), scales))
    v128.store(target + at, sum)
    at += 16
  }
  while (at < all) {
    store<f32>(target + at, load<f32>(target + at) + load<f32>(source + at) * scale)
    at += 4
  }
}

/** One thread, in the order of `ids`: the sums are the same in every run. */
export function scatterAddRows(
  table: usize,
  ids: usize,
  values: usize,
  count: u32,
  width: u32,
  scale: f32,
): void {
  const stride: usize = (<usize>width) << 2
  for (let i: u32 = 0; i < count; i++) {
    const id: usize = load<u32>(ids + ((<usize>i) << 2))
    addRow(table + id * stride, values + <usize>i * stride, width, scale)
  }
}

/** Adds up the rows of equal ids, in the order in which the ids first appear; returns how many differ. */
export function combineRows(
  ids: usize,
  values: usize,
  rows: usize,
  combined: usize,
  slots: usize,
  count: u32,
  width: u32,
): u32 {
  const stride: usize = (<usize>width) << 2
  let unique: u32 = 0
  for (let i: u32 = 0; i < count; i++) {
    const id = load<u32>(ids + ((<usize>i) << 2))
    const slot = load<u32>(slots + ((<usize>id) << 2))
    const source = values + <usize>i * stride
    // A slot counts only if the row list points back, so that a dirty slot map cannot lead outside `combined`.
    if (slot < unique && load<u32>(rows + ((<usize>slot) << 2)) == id) {
      addRow(combined + <usize>slot * stride, source, width, 1)
    } else {
      store<u32>(slots + ((<usize>id) << 2), unique)
      store<u32>(rows + ((<usize>unique) << 2), id)
      memory.copy(combined + <usize>unique * stride, source, stride)
      unique++
    }
  }
  for (let i: u32 = 0; i < unique; i++) {
    store<i32>(slots + ((<usize>load<u32>(rows + ((<usize>i) << 2))) << 2), -1)
  }
  return unique
}
