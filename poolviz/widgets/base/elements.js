// Elements: what every part of the page is made of. Text is always set as text, never as HTML.

const SVG = "http://www.w3.org/2000/svg";
const FOCUSABLE = new Set(["button", "input", "select", "summary", "textarea"]);

// Every explorer of a page loads this module anew: the names of its parts must differ all the same.
const family = Math.random().toString(36).slice(2, 10);
let serial = 0;
const uniqueId = (stem) => `poolviz-${family}-${stem}-${(serial += 1)}`;

/** An element with properties, attributes and children; text is always set as text. */
function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  // JupyterLab takes the keys of whatever has the focus, unless that element itself says no.
  if (FOCUSABLE.has(tag)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  element.append(...children);
  return element;
}

function shape(tag, role, box) {
  const element = document.createElementNS(SVG, tag);
  element.setAttribute("class", `pv-${role}`);
  for (const [name, value] of Object.entries(box)) element.setAttribute(name, value);
  return element;
}

/** A whole number as a number, anything else as it was typed: Python says what is wrong with it. */
const typed = (text) => (/^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : text.trim());

function choice(label, options, read, write, changed) {
  const id = uniqueId("choice");
  const select = make("select", { id });
  for (const [value, text] of options) select.append(make("option", { value, textContent: text }));
  select.addEventListener("change", () => {
    write(select.value);
    changed();
  });
  const root = make("div", { className: "pv-choice" }, make("label", { htmlFor: id, textContent: label }), select);
  return { root, set: () => (select.value = read()) };
}

function tick(label, read, write, changed) {
  const box = make("input", { type: "checkbox" });
  box.addEventListener("change", () => {
    write(box.checked);
    changed();
  });
  const root = make("label", { className: "pv-tick" }, box, ` ${label}`);
  return { root, set: () => (box.checked = read()) };
}

/** A line of code with a button that copies it. */
function copyable(say, text) {
  const code = make("code", { textContent: text });
  const button = make("button", { type: "button", className: "pv-copy", textContent: say("copy"), ariaLabel: say("copy_this", { code: text }) });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = say("copied");
    } catch {
      // No clipboard here (no https, or refused): the reader copies what is selected.
      getSelection().selectAllChildren(code);
      button.textContent = say("selected");
    }
    setTimeout(() => (button.textContent = say("copy")), 1500);
  });
  return [code, button];
}

/** A field for one line of text that Python reads; what was typed is never thrown away. */
function textForm(label, word, take, { rows = 1 } = {}) {
  const id = uniqueId("text");
  const field = rows > 1 ? make("textarea", { id, rows, spellcheck: false }) : make("input", { id, type: "text", autocomplete: "off" });
  const button = make("button", { type: "button", textContent: word });
  let shown = null;
  const send = () => take(field.value);
  button.addEventListener("click", send);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || (rows > 1 && !event.ctrlKey && !event.metaKey)) return;
    event.preventDefault();
    send();
  });
  return {
    root: make("div", { className: "pv-form" }, make("label", { htmlFor: id, textContent: label }), field, button),
    field,
    label: (text) => (field.previousElementSibling.textContent = text),
    show(text, isProblem) {
      field.setAttribute("aria-invalid", String(isProblem && field.value !== shown));
      if (isProblem || text === shown) return;
      shown = text;
      field.value = text;
    },
  };
}

/** A line that says what went wrong; hidden while nothing did. */
function problemLine() {
  const root = make("p", { className: "pv-problem", role: "alert" });
  return {
    root,
    tell(text) {
      root.textContent = text;
      root.hidden = text === "";
    },
  };
}

/** What changes fast is spoken once it rests. */
function speaker() {
  const root = make("p", { className: "pv-status pv-hidden", role: "status" });
  let timer = null;
  return {
    root,
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => (root.textContent = text), 400);
    },
    stop: () => clearTimeout(timer),
  };
}

/** A picture with a drawing over it; `resize` gives both the same units. */
function pictureStage(say, focusable) {
  const image = make("img", { className: "pv-picture", alt: "", draggable: false });
  const overlay = document.createElementNS(SVG, "svg");
  overlay.setAttribute("class", "pv-overlay");
  overlay.setAttribute("aria-hidden", "true");
  const root = make("div", { className: "pv-stage" }, image, overlay);
  if (focusable) {
    root.tabIndex = 0;
    root.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  // On a narrow screen a wide picture is scrolled, not shrunk until nobody can read it.
  const outer = make("div", { className: "pv-scroll", tabIndex: 0, role: "group", ariaLabel: say("picture") }, root);
  return {
    outer,
    root,
    image,
    overlay,
    resize({ width, height, seq, alt }) {
      image.width = width;
      image.height = height;
      image.alt = alt;
      overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
      root.style.maxWidth = `${width}px`;
      root.style.minWidth = `${Math.min(width, 560)}px`;
      root.dataset.seq = seq;
    },
  };
}
