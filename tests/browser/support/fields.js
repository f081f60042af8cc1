// What a test of hostile text needs of the page: every text field, the answers, and a watch.

const fields = {
  PATIENCE_MS: 120_000,
  seen: new Set(), // what was in the watched cells at any time since it was last asked

  output: (cell) => document.querySelectorAll(".jp-CodeCell")[cell].querySelector(".jp-OutputArea"),
  views: (cell) => [...fields.output(cell).querySelectorAll(".poolviz")],
  /** All that takes text now, but the paste box; folded parts are opened before. */
  of(cell) {
    const root = fields.output(cell);
    for (const part of root.querySelectorAll("details")) part.open = true;
    const all = root.querySelectorAll(
      "input:not([type=range], [type=checkbox], [type=radio]), textarea:not(.pv-paste), [contenteditable]");
    return [...all].filter((one) => one.getClientRects().length > 0 && !one.disabled && !one.readOnly);
  },
  /** Does something in a view; resolves once the view shows that many newer answers. */
  answered(view, act, answers = 1) {
    const stage = view.querySelector(".pv-stage");
    const before = Number(stage.dataset.seq);
    return new Promise((done, fail) => {
      const end = (tell) => {
        watch.disconnect();
        clearTimeout(patience);
        setTimeout(tell); // the words come right after the picture
      };
      const watch = new MutationObserver(() => { if (Number(stage.dataset.seq) >= before + answers) end(done); });
      const patience = setTimeout(() => end(() => fail(new Error(`no answer: ${view.className}`))), fields.PATIENCE_MS);
      watch.observe(stage, { attributes: true, attributeFilter: ["data-seq"] });
      act();
    });
  },
  put(field, text) {
    field.focus();
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  },
  /** As a user types: the text, then Enter, or the button that takes it. */
  write(field, text) {
    const view = field.closest(".poolviz");
    return fields.answered(view, () => {
      fields.put(field, text);
      if (field.matches(".pv-form *")) {
        field.dispatchEvent(new KeyboardEvent("keydown",
          { key: "Enter", ctrlKey: field.matches("textarea"), bubbles: true, cancelable: true }));
      } else if (field.matches(".pv-values *")) {
        field.nextElementSibling.click();
      } else if (field.matches(".pv-paste")) {
        view.querySelector(".pv-top > button").click();
      }
    });
  },
  /** One text into all fields of all cells, everywhere at the same time. */
  writeAll: (cells, text) => Promise.all(cells.map(async (cell) => {
    const all = fields.of(cell);
    const isNumber = (field) => field.matches(".pv-number *");
    for (const view of fields.views(cell)) {
      const numbers = all.filter((field) => isNumber(field) && field.closest(".poolviz") === view);
      if (numbers.length === 0) continue;
      // Of what is typed while the first question is under way, the last state of all is sent.
      await fields.answered(view, () => numbers.forEach((field) => fields.put(field, text)), Math.min(2, numbers.length));
    }
    for (const field of all) if (!isNumber(field)) await fields.write(field, text);
  })),
  /** Into some fields of each cell, one after the other, and back; what each answer complained of. */
  writeEach: (cells, places, text) => Promise.all(cells.map(async (cell, i) => {
    const told = [];
    const all = fields.of(cell);
    for (const field of places[i].map((place) => all[place])) {
      const before = field.value;
      await fields.write(field, text);
      told.push(fields.problem(field));
      await fields.write(field, before);
      if (fields.problem(field)) throw new Error(`${before} is refused: ${fields.problem(field)}`);
    }
    return told;
  })),
  problem: (field) => field.closest(".poolviz").querySelector(".pv-problem").textContent,
  click: (view, button) => fields.answered(view, () => button.click()),
  tick: (cells, label, wanted) => Promise.all(cells.flatMap(fields.views).map(async (view) => {
    const own = [...view.querySelectorAll(".pv-tick")].filter((one) => one.closest(".poolviz") === view);
    const box = own.find((one) => one.textContent.trim() === label)?.control;
    if (box && box.checked !== wanted) await fields.click(view, box);
  })),
  kinds(element) {
    const tag = element.matches("img") ? `img.${element.className}` : element.tagName;
    return [tag, ...[...element.attributes].map((one) => `${tag} ${one.name}`)];
  },
  /** Every kind of element in a cell, and of their attributes. */
  inside: (cell) => [...fields.output(cell).querySelectorAll("*")].flatMap(fields.kinds),
  watch(cells) {
    const note = (element) => fields.kinds(element).forEach((kind) => fields.seen.add(kind));
    const watch = new MutationObserver((changes) => {
      for (const { target, addedNodes } of changes) {
        if (target.nodeType === Node.ELEMENT_NODE) note(target);
        for (const node of addedNodes) {
          if (node.nodeType === Node.ELEMENT_NODE) [node, ...node.querySelectorAll("*")].forEach(note);
        }
      }
    });
    for (const cell of cells) {
      watch.observe(fields.output(cell), { subtree: true, childList: true, attributes: true });
    }
  },
  takeSeen() {
    const found = [...fields.seen];
    fields.seen.clear();
    return found;
  },
};
window.fields = fields;
