// Stored exercises: on a page without a kernel they are checked against what Python said to every
// answer. Here an answer is only read: as its numbers, its cells, or what was chosen.

const NUMBER = /(?<![\w.)\]])-?(?:\d+(?:\.\d+)?|\.\d+)(?:\/[1-9]\d*)?/g;

/** The numbers of a text; null where there is a word in it, for words need Python. */
function numbersOf(text, { count, decimals }) {
  let plain = text.trim().toLowerCase().replaceAll(/[−–—]/g, "-");
  if (count === 1 && decimals && /^-?\d+,\d+$/.test(plain)) plain = plain.replace(",", ".");
  else if (count === 1 && /^-?\d{1,3}(,\d{3})+$/.test(plain)) plain = plain.replaceAll(",", "");
  if (/[^\d\s.,;:x×*·(){}[\]/|&"'-]/.test(plain)) return null;
  return (plain.match(NUMBER) ?? []).map((token) => {
    const [top, bottom = 1] = token.split("/");
    return Number(top) / Number(bottom);
  });
}

const filled = ([ok, text], gaps) =>
  [ok, text.replaceAll(/\{(\w+)\}/g, (gap, name) => (name in gaps ? gaps[name] : gap))];

function numbersSaid(table, text, choices, say) {
  let numbers = numbersOf(text, table);
  if (numbers === null || numbers.length === 0) return table.unread;
  if (numbers.length === 1 && table.oneForAll) numbers = Array(table.count).fill(numbers[0]);
  if (numbers.length !== table.count) return table.counts[numbers.length] ?? table.unread;
  const isNear = (value, i) => Math.abs(value - numbers[i]) <= table.tolerance;
  const known = table.values.find(([values]) => values.every(isNear));
  if (known) return known[1];
  const parts = table.right.map((value, i) => (isNear(value, i) ? "1" : "0")).join("");
  if (parts in table.partly) return table.partly[parts];
  const answer = numbers.map((value) => grouped(say, Math.round(value * 100) / 100)).join(table.joint).replaceAll("-", "−");
  const isWhole = numbers.every(Number.isInteger);
  return filled(!isWhole && table.notWhole ? table.notWhole : table.unknown, { answer });
}

function cellsSaid(table, cells) {
  const keyOf = (cell) => [cell].flat().join();
  const sorted = [...cells].sort((a, b) => [a].flat()[0] - [b].flat()[0] || ([a].flat()[1] ?? 0) - ([b].flat()[1] ?? 0));
  const known = table.exact[sorted.map(keyOf).join(" ")];
  if (known) return known;
  const given = new Set(cells.map(keyOf)), right = new Set(table.right.map(keyOf));
  const hits = [...given].filter((key) => right.has(key)).length;
  return filled(table.marked, { hits, missing: right.size - hits, extra: given.size - hits });
}

/** Cells that were typed, where there is no picture to click on. */
function typedCells(table, text) {
  if (/^[\s[\](){}]*(none|-)?[\s[\](){}]*$/i.test(text)) return cellsSaid(table, []);
  const spelled = text.replaceAll(/(\d+)\s*-\s*(\d+)/g, (_, first, last) =>
    Array.from({ length: Math.min(1000, Math.max(0, last - first + 1)) }, (_, i) => Number(first) + i).join());
  const numbers = numbersOf(table.axes === 1 ? spelled : text, { count: 0 });
  if (numbers === null || numbers.length % table.axes) return table.unread;
  const cells = [];
  for (let i = 0; i < numbers.length; i += table.axes) cells.push(numbers.slice(i, i + table.axes));
  return cellsSaid(table, cells);
}

function changeSaid(table, text) {
  const [, name, value] = text.trim().toLowerCase().match(/^([a-z_]+)\s*(?:=|:|\s)\s*\(?(\d+)\)?$/) ?? [];
  return table.exact[`${name}=${value}`] ?? table.unread;
}

const SAID = {
  numbers: numbersSaid,
  choice: (table, text) => table.exact[text] ?? table.unread,
  several: (table, texts, choices) => table.exact[choices.flatMap((text, i) => (texts.includes(text) ? [i] : [])).join()],
  cells: (table, given) => (typeof given === "string" ? typedCells(table, given) : cellsSaid(table, given)),
  change: changeSaid,
};

function said(table, answer, choices, say) {
  const isEmpty = typeof answer === "string" && answer.trim() === "" && table.form !== "cells";
  return isEmpty ? table.empty : SAID[table.form](table, answer, choices, say);
}

/** A sheet of exercises, each with a few variants; where a reader stands is kept here. */
function storedCards({ texts, table, exercises, start }, paint) {
  const fresh = (variants) => ({ variants, variant: 0, answer: null, said: null, asked: false, revealed: false, best: false });
  let items = [];
  let place = start;
  const model = storedModel(texts, paint, ({ action }) => {
    act[action.name]?.(items[place], action.value);
    show();
  });
  const say = speechOf(model);
  const variantOf = (item) => rowOf(table, item.variants[item.variant]);

  function show() {
    const item = items[place];
    const variant = variantOf(item);
    const isOver = item.revealed || item.said?.[0] === true;
    const { state, drawn } = isOver ? variant.over : variant.open;
    model.become({
      drawn,
      state: {
        ...variant.state, ...state,
        answer: item.answer,
        feedback: item.said?.[1] ?? "",
        ok: item.said?.[0] ?? false,
        hint: item.asked ? variant.hint : "",
        solution: item.revealed ? variant.solution : "",
        place, of: items.length, solved: items.filter((one) => one.best).length,
      },
    });
  }
  const act = {
    answer(item, answer) {
      const { answers, state } = variantOf(item);
      item.answer = answer;
      item.said = said(answers, answer, state.choices, say);
      if (!item.revealed && item.said[0]) item.best = true;
    },
    hint: (item) => (item.asked = true),
    reveal: (item) => (item.revealed = true),
    renew(item) {
      const variant = (item.variant + 1) % item.variants.length;
      Object.assign(item, fresh(item.variants), { variant, best: item.best });
    },
    go: (_, to) => (place = to),
  };
  const restart = () => {
    items = exercises.map(fresh);
    place = start;
    show();
  };
  return { models: [model], restart };
}
