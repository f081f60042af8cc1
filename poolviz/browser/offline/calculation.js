// @ts-check
// The value of a calculation in an answer: products, quotients, sums, ⌊ ⌋, ⌈ ⌉.

const LARGEST = 1e30;

/** An answer that was not understood: why, and how many numbers were found. */
export class Unreadable extends Error {
  /**
   * @param {string} reason
   * @param {number} [got]
   */
  constructor(reason, got) {
    super(reason);
    this.reason = reason;
    this.got = got;
  }
}

/** @param {number} value */
export function within(value) {
  if (!(Math.abs(value) <= LARGEST)) throw new Unreadable("unreadable");
  return value;
}

/**
 * Return the value of a product, quotient or sum; of an equation, that of its last side.
 *
 * @param {string} text
 * @returns {number[]} [] if it is none
 */
export function calculated(text) {
  const formula = text.replace(/^(\d+)\s*:\s*(\d+)$/, "$1/$2");
  if (!/[x×·*/+(^⌊⌈=]/.test(formula)) return []; // 3-6 may be a range
  const sides = formula.split("=");
  if (!sides.every((side) => !side.trim() || /^[\d\s.+*/()x×·^⌊⌋⌈⌉-]+$/.test(side))) return [];
  const side = sides[sides.length - 1].replaceAll(/[x×·]/g, "*").replaceAll(/\s+/g, " ");
  const tokens = side.match(/\d+(?:\.\d+)?|\/\/|[-+*/()^⌊⌋⌈⌉]/g) ?? [];
  const isWhole = tokens.join("") === side.replaceAll(" ", "");
  return isWhole ? formulaValue([...tokens].reverse()) : [];
}

/** @type {Record<string, [string, (value: number) => number]>} */
const BRACKETS = { "(": [")", (value) => value], "⌊": ["⌋", Math.floor], "⌈": ["⌉", Math.ceil] };

/** @param {string[]} rest The tokens of a formula, the last one first. */
function formulaValue(rest) {
  /** @returns {number} */
  function factor() {
    const token = rest.pop();
    if (token === "-") return -factor();
    const [end, rounded] = BRACKETS[token ?? ""] ?? [];
    if (!rounded) return within(Number(token ?? "none"));
    const inner = rounded(total());
    if (rest.pop() !== end) throw new Unreadable("unreadable");
    return inner;
  }
  function power() {
    const value = factor();
    if (rest.at(-1) !== "^") return value;
    rest.pop();
    const exponent = factor();
    if (!Number.isInteger(exponent) || exponent < 0 || exponent >= 10) throw new Unreadable("unreadable");
    return within(value ** exponent);
  }
  function product() {
    let value = power();
    while (/^([*/]|\/\/)$/.test(rest.at(-1) ?? "")) {
      const sign = rest.pop();
      value = sign === "*" ? value * power() : value / power();
      if (sign === "//") value = Math.floor(value);
    }
    return within(value);
  }
  function total() {
    let value = product();
    while (/^[-+]$/.test(rest.at(-1) ?? "")) value = rest.pop() === "+" ? value + product() : value - product();
    return within(value);
  }
  try {
    const value = total();
    return rest.length ? [] : [value];
  } catch (error) {
    if (error instanceof Unreadable) return [];
    throw error;
  }
}
