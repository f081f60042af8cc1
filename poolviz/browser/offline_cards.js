// @ts-check
// Precomputed feedback: on a page without a kernel, exercises are checked against the feedback
// that Python gave to every answer. Here an answer is only looked up, once it has been read.

import { offlineModel, rowOf } from "./offline_model.js";
import { grouped, speechOf } from "./speech.js";
import { readCells, readChange, readNumbers, Unreadable } from "./written_answers.js";

/**
 * @import { Answer, AnswerTable, ExerciseVariant, OfflinePage, Paint, Say, StoredCards, Verdict } from "./types.js"
 */

/**
 * An exercise and what a student did with it.
 *
 * @typedef {{
 *   variants: number[],
 *   variant: number,
 *   answer: Answer | null,
 *   verdict: Verdict | null,
 *   askedHint: boolean,
 *   isRevealed: boolean,
 *   isSolved: boolean,
 * }} Item
 */

/**
 * Fill in the {gaps} of a text.
 *
 * @param {Verdict} verdict
 * @param {Record<string, unknown>} gaps
 * @returns {Verdict}
 */
const filled = ([mark, text, ...hint], gaps) => [
  mark,
  text.replaceAll(/\{(\w+)\}/g, (gap, name) => (name in gaps ? String(gaps[name]) : gap)),
  ...hint,
];

/**
 * @param {AnswerTable} table
 * @param {string} text
 * @param {Say} say
 * @returns {Verdict}
 */
function judgeNumbers(table, text, say) {
  const numbers = readNumbers(table.reading, text);
  if (numbers.length === 0) return table.raises;
  const isNear = (/** @type {unknown} */ value, /** @type {number} */ i) =>
    Math.abs(Number(value) - numbers[i]) <= table.tolerance;
  const known = table.values.find(([values]) => values.every(isNear));
  if (known) return known[1];
  const parts = table.right.map((value, i) => (isNear(value, i) ? "1" : "0")).join("");
  if (parts in table.partly) return table.partly[parts];
  const rounded = numbers.map((value) => grouped(say, Math.round(value * 100) / 100));
  const answer = rounded.join(table.joint).replaceAll("-", "−");
  const isWhole = numbers.every(Number.isInteger);
  if (isWhole && table.beyond && numbers[0] > Math.max(...table.values.map(([[value]]) => value))) {
    return filled(table.beyond, { answer });
  }
  return filled(!isWhole && table.notWhole ? table.notWhole : table.unknown, { answer });
}

/**
 * @param {AnswerTable} table
 * @param {(number | number[])[]} cells
 * @returns {Verdict}
 */
function judgeCells(table, cells) {
  const keyOf = (/** @type {number | number[]} */ cell) => [cell].flat().join();
  const sorted = cells.map((cell) => [cell].flat()).sort((a, b) => a[0] - b[0] || (a[1] ?? 0) - (b[1] ?? 0));
  const known = table.exact[sorted.map(keyOf).join(" ")];
  if (known) return known;
  const given = new Set(cells.map(keyOf));
  const right = new Set(table.right.map(keyOf));
  const hits = [...given].filter((key) => right.has(key)).length;
  return filled(table.marked, { hits, missing: right.size - hits, extra: given.size - hits });
}

/**
 * Judge an answer that was typed.
 *
 * @param {AnswerTable} table
 * @param {string} text
 * @param {Say} say
 * @returns {Verdict}
 */
function judgeTyped(table, text, say) {
  try {
    if (table.form === "cells") return judgeCells(table, readCells(table.reading, text));
    if (table.form === "change") {
      const change = readChange(table.reading, text);
      return table.exact[change] ?? filled(table.beyond ?? table.oneChange, { answer: change });
    }
    return judgeNumbers(table, text, say);
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    const { reason, got = -1 } = error;
    if (reason === "count") return table.counts[got] ?? table.unread;
    return { pairs: table.pairs, one_change: table.oneChange, empty: table.empty }[reason] ?? table.unread;
  }
}

/**
 * Return the feedback on an answer.
 *
 * @param {AnswerTable} table
 * @param {Answer} answer
 * @param {string[]} choices
 * @param {Say} say
 * @returns {Verdict}
 */
export function judge(table, answer, choices, say) {
  if (table.form === "cells" && typeof answer !== "string") {
    return judgeCells(table, /** @type {(number | number[])[]} */ (answer));
  }
  if (table.form === "several") {
    const chosen = /** @type {string[]} */ (answer);
    return table.exact[choices.flatMap((text, i) => (chosen.includes(text) ? [i] : [])).join()];
  }
  const text = String(answer);
  if (text.trim() === "") return table.empty;
  return table.form === "choice" ? (table.exact[text] ?? table.unread) : judgeTyped(table, text, say);
}

/**
 * Return the model of a list of exercises, each with a few variants, and of the progress in it.
 *
 * @param {StoredCards} stored
 * @param {Paint} paint
 * @returns {OfflinePage}
 */
export function offlineCards({ texts, table, exercises, start }, paint) {
  /**
   * @param {number[]} variants
   * @returns {Item}
   */
  const fresh = (variants) => ({
    variants,
    variant: 0,
    answer: null,
    verdict: null,
    askedHint: false,
    isRevealed: false,
    isSolved: false,
  });
  const isRight = (/** @type {Item} */ item) => item.verdict?.[0] === "✓";
  /** @type {Item[]} */
  let items = [];
  let place = start;
  const model = offlineModel(paint, ({ action }) => {
    if (action) actions[action.name]?.(items[place], action.value);
    show();
  });
  const say = speechOf(texts);
  const variantOf = (/** @type {Item} */ item) =>
    /** @type {ExerciseVariant} */ (rowOf(table, item.variants[item.variant]));

  function show() {
    const item = items[place];
    const variant = variantOf(item);
    const isOver = item.isRevealed || isRight(item);
    const { state, drawn } = isOver ? variant.over : variant.open;
    model.display({
      drawn,
      state: {
        ...variant.state,
        ...state,
        answer: item.answer,
        feedback: item.verdict?.[1] ?? "",
        mark: item.verdict?.[0] ?? "",
        hint: item.askedHint ? variant.hint : "",
        solution: item.isRevealed ? variant.solution : "",
        place,
        of: items.length,
        solved: items.filter((one) => one.isSolved).length,
      },
    });
  }
  /** @type {Record<string, (item: Item, value: any) => void>} */
  const actions = {
    answer(item, answer) {
      const { answers, state } = variantOf(item);
      item.answer = answer;
      item.verdict = judge(answers, answer, state.choices, say);
      if (item.verdict[2]) item.askedHint = true;
      if (!item.isRevealed && isRight(item)) item.isSolved = true;
    },
    hint(item) {
      item.askedHint = true;
    },
    reveal(item) {
      item.isRevealed = true;
    },
    renew(item) {
      const variant = (item.variant + 1) % item.variants.length;
      Object.assign(item, fresh(item.variants), { variant, isSolved: item.isSolved });
    },
    go(_, to) {
      place = to;
    },
  };
  const restart = () => {
    items = exercises.map(fresh);
    place = start;
    show();
  };
  return { models: [model], restart };
}
