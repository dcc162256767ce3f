/** Waveforms out of tiles of peaks: which are needed, which are held, one low and one high a pixel. */

/** Tiles held besides the overview. */
export const TILES_MAX = 600;

/** Tiles asked for and not yet here. */
export const ASKED_MAX = 24;

/** The coarsest level whose bins are no longer than a pixel; the finest if none is. */
export function levelFor(scale, { bin, factor, levels }) {
  let level = 0;
  while (level + 1 < levels && bin * factor ** (level + 1) * scale <= 1) level += 1;
  return level;
}

export class Waves {
  /**
   * @param {{bin: number, factor: number, levels: number, tile: number, finest: number}} info seconds of a bin of
   *   level 0, how the levels follow each other, bins of a tile; `finest` is the finest level there is
   * @param {(track: string, level: number, number: number) => void} ask called once for each tile that is missed
   */
  constructor(info, ask) {
    this.info = { finest: 0, ...info };
    this.ask = ask;
    this.whole = new Map(); // "track level" -> all bins, Int8Array low high low high
    this.tiles = new Map(); // "track level number" -> Int8Array, the least recently used first
    this.asked = new Set();
  }

  /** Take all bins of a level: the overview, which is never dropped. */
  putLevel(track, level, bins) {
    this.whole.set(`${track} ${level}`, bins);
  }

  /** Take a tile that came. */
  putTile(track, level, number, bins) {
    const key = `${track} ${level} ${number}`;
    this.asked.delete(key);
    this.tiles.set(key, bins);
    for (const oldest of this.tiles.keys()) {
      if (this.tiles.size <= TILES_MAX) break;
      this.tiles.delete(oldest);
    }
  }

  /** Forget what a growing track has made wrong. */
  clear() {
    this.tiles.clear();
    this.asked.clear();
  }

  /**
   * The lowest and highest of each pixel's part, -127..127; asks for what is missing and draws it coarser meanwhile.
   * @returns {{low: Int8Array, high: Int8Array}}
   */
  columns(track, view, out = null) {
    const width = Math.ceil(view.width);
    const held = out?.low?.length === width ? out : { low: new Int8Array(width), high: new Int8Array(width) };
    const finest = Math.max(levelFor(view.scale, this.info), this.info.finest);
    const readers = [];
    for (let level = finest; level < this.info.levels; level += 1) readers.push(this._reader(track, level));
    for (let x = 0; x < width; x += 1) {
      held.low[x] = 0;
      held.high[x] = 0;
      readers.some((read) => read(view.start + x / view.scale, view.start + (x + 1) / view.scale, held, x));
    }
    return held;
  }

  /** A function that fills in a pixel from the bins of a level, or says false if they are not here. */
  _reader(track, level) {
    const seconds = this.info.bin * this.info.factor ** level;
    const whole = this.whole.get(`${track} ${level}`);
    const size = whole ? Infinity : this.info.tile;
    let number = whole ? 0 : -1;
    let bins = whole ?? null;
    return (since, until, held, x) => {
      const first = Math.floor(since / seconds);
      const last = Math.max(first + 1, Math.floor(until / seconds));
      let low = 127;
      let high = -127;
      for (let bin = first; bin < last; bin += 1) {
        const wanted = whole ? 0 : Math.floor(bin / size);
        if (wanted !== number) {
          number = wanted;
          bins = this._tile(track, level, number);
        }
        if (!bins) return false;
        const place = 2 * (whole ? bin : bin - number * size);
        if (place + 1 >= bins.length) break; // the track is over
        if (bins[place] < low) low = bins[place];
        if (bins[place + 1] > high) high = bins[place + 1];
      }
      if (low > high) return true;
      held.low[x] = low;
      held.high[x] = high;
      return true;
    };
  }

  _tile(track, level, number) {
    const key = `${track} ${level} ${number}`;
    const bins = this.tiles.get(key);
    if (bins) {
      if (this.recent !== key) {
        this.recent = key;
        this.tiles.delete(key);
        this.tiles.set(key, bins);
      }
      return bins;
    }
    if (!this.asked.has(key) && this.asked.size < ASKED_MAX) {
      this.asked.add(key);
      this.ask(track, level, number);
    }
    return null;
  }
}
