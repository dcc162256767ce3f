/** Tables of numbers as Python packs them: each column a typed array, found in by binary search. */

const ARRAYS = { u1: Uint8Array, u4: Uint32Array, f4: Float32Array };

/** The first index of a sorted array at which a value is not below `wanted`. */
export function lowerBound(sorted, wanted, first = 0, last = sorted.length) {
  let low = first;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The first index of a sorted array at which a value is above `wanted`. */
export function upperBound(sorted, wanted, first = 0, last = sorted.length) {
  let low = first;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Read packed tables without copying.
 * @param {Object} layout by table: rows and columns [name, type, offset]
 * @param {ArrayBuffer} buffer
 * @returns {Object<string, {rows: number, columns: Object}>}
 */
export function readTables(layout, buffer) {
  const tables = {};
  for (const [name, { rows, columns }] of Object.entries(layout)) {
    const held = {};
    for (const [column, type, offset] of columns) held[column] = new ARRAYS[type](buffer, offset, rows);
    tables[name] = { rows, columns: held };
  }
  return tables;
}

/** Tables with the rows from `since[name]` on replaced by those of `fresh`: how a live session grows. */
export function replacedFrom(tables, since, fresh) {
  const result = {};
  for (const [name, table] of Object.entries(fresh)) {
    const kept = Math.min(since[name] ?? 0, tables[name]?.rows ?? 0);
    const columns = {};
    for (const [column, values] of Object.entries(table.columns)) {
      const whole = new values.constructor(kept + table.rows);
      if (kept) whole.set(tables[name].columns[column].subarray(0, kept));
      whole.set(values, kept);
      columns[column] = whole;
    }
    result[name] = { rows: kept + table.rows, columns };
  }
  return result;
}

/** Stretches of time in any order; finds those that touch a window without looking at the others. */
export class Intervals {
  constructor(starts, ends) {
    this.starts = starts;
    this.ends = ends;
    const count = starts.length;
    this.latest = new Float32Array(count); // the latest end up to here
    this.earliest = new Float32Array(count); // the earliest start from here on
    for (let i = 0; i < count; i += 1) this.latest[i] = i ? Math.max(this.latest[i - 1], ends[i]) : ends[i];
    for (let i = count - 1; i >= 0; i -= 1) {
      this.earliest[i] = i < count - 1 ? Math.min(this.earliest[i + 1], starts[i]) : starts[i];
    }
  }

  /** Call `visit(index)` for each that touches from..to, in their order. */
  within(from, to, visit) {
    const last = upperBound(this.earliest, to);
    for (let i = lowerBound(this.latest, from); i < last; i += 1) {
      if (this.starts[i] <= to && this.ends[i] >= from) visit(i);
    }
  }
}
