// @ts-check
// The elements that all widgets are made of. Text is always set as text, never as HTML.

/** @import { Option, PictureState, Say } from "./types.js" */

export const SVG = "http://www.w3.org/2000/svg";
const FOCUSABLE = new Set(["button", "input", "select", "summary", "textarea"]);
const NARROWEST = 560; // narrower pictures are scrolled, because they would be unreadable

// This module may be loaded more than once on a page: so its ids must be unique across copies.
const family = Math.random().toString(36).slice(2, 10);
let serial = 0;

/**
 * Return an id that no other element of the page has.
 *
 * @param {string} stem
 */
export function uniqueId(stem) {
  serial += 1;
  return `poolviz-${family}-${stem}-${serial}`;
}

/**
 * Create an element with properties, attributes and children.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, unknown>} [given]
 * @param {...(Node | string)} children
 */
export function make(tag, given = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name in element) Reflect.set(element, name, value);
    else element.setAttribute(name, String(value));
  }
  // JupyterLab handles the keys of the focused element as shortcuts unless this is set.
  if (FOCUSABLE.has(tag)) element.setAttribute("data-lm-suppress-shortcuts", "true");
  element.append(...children);
  return element;
}

/**
 * Create an SVG element with the class of a role.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} role
 * @param {Record<string, number>} attributes
 */
export function shape(tag, role, attributes) {
  const element = document.createElementNS(SVG, tag);
  element.setAttribute("class", `pv-${role}`);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  return element;
}

/**
 * Return the element that has the focus, also inside of a shadow root.
 *
 * @param {Element} element
 */
export const focusedElement = (element) =>
  /** @type {Document | ShadowRoot} */ (element.getRootNode()).activeElement ?? null;

/**
 * Return an update that leaves the focus in the widget: what has it may be taken away or switched off,
 * and then the focus goes to the verdict.
 *
 * @param {HTMLElement} root
 * @param {() => unknown} update
 */
export const keepingFocus = (root, update) => async () => {
  const before = /** @type {HTMLElement | null} */ (focusedElement(root));
  const hadFocus = before != null && before !== root && root.contains(before);
  await update();
  if (!hadFocus) return;
  const isThere = before.isConnected && !before.closest("[hidden]") && !before.matches(":disabled");
  const now = focusedElement(root);
  if (isThere || (now != null && now !== before && now !== document.body)) return;
  /** @type {HTMLElement | null} */
  const heading = root.querySelector(":is(.pv-verdict, h3, .pv-question):not([hidden], [hidden] *)");
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus();
};

/**
 * Parse an integer; return anything else as text, which Python reads or rejects with a reason: a
 * number is exact up to fifteen digits.
 *
 * @param {string} text
 */
export const typed = (text) => (/^\s*-?\d{1,15}\s*$/.test(text) ? Number(text) : text.trim());

/**
 * Create a labelled list of options.
 *
 * @param {string} label
 * @param {Option[]} options
 * @param {() => string} read
 * @param {(value: string) => void} write
 * @param {() => void} changed
 */
export function choice(label, options, read, write, changed) {
  const id = uniqueId("choice");
  const select = make("select", { id });
  for (const [value, text] of options) select.append(make("option", { value, textContent: text }));
  select.addEventListener("change", () => {
    write(select.value);
    changed();
  });
  const root = make("div", { className: "pv-choice" }, make("label", { htmlFor: id, textContent: label }), select);
  return {
    root,
    next: () =>
      options
        .filter(([value]) => value !== select.value)
        .map(
          ([value]) =>
            () =>
              write(value),
        ),
    set() {
      select.value = read();
    },
  };
}

/**
 * Create a labelled text field whose text is sent while it is typed.
 *
 * @param {string} label
 * @param {string} hint what an empty field stands for
 * @param {() => string} read
 * @param {(value: string) => void} write
 * @param {() => void} changed
 */
export function field(label, hint, read, write, changed) {
  const id = uniqueId("field");
  const input = make("input", { type: "text", id, size: 9, placeholder: hint, autocomplete: "off" });
  input.addEventListener("input", () => {
    write(input.value.trim());
    changed();
  });
  const root = make("div", { className: "pv-choice" }, make("label", { htmlFor: id, textContent: label }), input);
  return {
    root,
    /** @param {boolean} isProblem */
    set(isProblem) {
      const hasFocus = focusedElement(input) === input;
      input.setAttribute("aria-invalid", String(isProblem && hasFocus));
      if (!hasFocus && !isProblem) input.value = read();
    },
  };
}

/**
 * Create a labelled checkbox.
 *
 * @param {string} label
 * @param {() => boolean} read
 * @param {(value: boolean) => void} write
 * @param {() => void} changed
 */
export function tick(label, read, write, changed) {
  const box = make("input", { type: "checkbox" });
  box.addEventListener("change", () => {
    write(box.checked);
    changed();
  });
  const root = make("label", { className: "pv-tick" }, box, ` ${label}`);
  return {
    root,
    next: () => [() => write(!box.checked)],
    set() {
      box.checked = read();
    },
  };
}

/**
 * Create something that is folded away behind its name.
 *
 * @param {string} name
 * @param {...Node} children
 */
export const fold = (name, ...children) => make("details", {}, make("summary", { textContent: name }), ...children);

/**
 * Create a button that copies a text.
 *
 * @param {Say} say
 * @param {string} name
 * @param {() => string} read
 * @param {HTMLElement} [shown] where the text can be selected
 */
export function copyButton(say, name, read, shown) {
  const button = make("button", { type: "button", className: "pv-copy", textContent: name });
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(read());
      button.textContent = say("copied");
    } catch {
      // No clipboard without https or permission: the selected text can still be copied.
      const text = shown ?? make("code", { textContent: read() });
      if (!shown) button.after(text);
      getSelection()?.selectAllChildren(text);
      button.textContent = say("selected");
      // Long enough to copy it by hand.
      if (!shown) setTimeout(() => text.remove(), 15_000);
    }
    setTimeout(() => {
      button.textContent = name;
    }, 1500);
  });
  return button;
}

/**
 * Create a line of code and a button that copies it.
 *
 * @param {Say} say
 * @param {string} text
 */
export function copyable(say, text) {
  const code = make("code", { textContent: text });
  const button = copyButton(say, say("copy"), () => text, code);
  button.ariaLabel = say("copy_this", { code: text });
  return [code, button];
}

/**
 * Create a text field with a button that sends the text; typed text is kept if it is rejected.
 *
 * @param {string} label
 * @param {string} action the text of the button
 * @param {(text: string) => void} take
 * @param {{ rows?: number }} [options]
 */
export function textForm(label, action, take, { rows = 1 } = {}) {
  const id = uniqueId("text");
  const field =
    rows > 1
      ? make("textarea", { id, rows, spellcheck: false })
      : make("input", { id, type: "text", autocomplete: "off" });
  const caption = make("label", { htmlFor: id, textContent: label });
  const button = make("button", { type: "button", textContent: action });
  /** @type {string | null} */
  let shown = null;
  const send = () => take(field.value);
  button.addEventListener("click", send);
  field.addEventListener("keydown", (/** @type {Event} */ event) => {
    const { key, ctrlKey, metaKey } = /** @type {KeyboardEvent} */ (event);
    // In several lines, Enter begins the next one.
    if (key !== "Enter" || (rows > 1 && !ctrlKey && !metaKey)) return;
    event.preventDefault();
    send();
  });
  return {
    root: make("div", { className: "pv-form" }, caption, field, button),
    field,
    /** @param {string} text */
    label(text) {
      caption.textContent = text;
    },
    /**
     * @param {string} text
     * @param {boolean} isProblem
     */
    show(text, isProblem) {
      field.setAttribute("aria-invalid", String(isProblem && field.value !== shown));
      // What is being typed is replaced only by a text that Python has changed.
      if (isProblem || text === shown) return;
      shown = text;
      field.value = text;
    },
  };
}

/** Create a line for error messages, hidden while there is none. */
export function problemLine() {
  const root = make("p", { className: "pv-problem", role: "alert" });
  return {
    root,
    /** @param {string} text */
    tell(text) {
      root.textContent = text;
      root.hidden = text === "";
    },
  };
}

/** Create a live region; text that changes quickly is announced once it rests. */
export function speaker() {
  const root = make("p", { className: "pv-status pv-hidden", role: "status" });
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  return {
    root,
    /** @param {string} text */
    say(text) {
      clearTimeout(timer);
      timer = setTimeout(() => {
        root.textContent = text;
      }, 400);
    },
    stop: () => clearTimeout(timer),
  };
}

/**
 * Create a picture with an SVG overlay; `resize` gives both the same units.
 *
 * @param {Say} say
 * @param {boolean} isFocusable
 */
export function pictureView(say, isFocusable) {
  const image = make("img", { className: "pv-picture", alt: "", draggable: false });
  const overlay = document.createElementNS(SVG, "svg");
  overlay.setAttribute("class", "pv-overlay");
  overlay.setAttribute("aria-hidden", "true");
  const root = make("div", { className: "pv-stage" }, image, overlay);
  if (isFocusable) {
    root.tabIndex = 0;
    root.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  const outer = make("div", { className: "pv-scroll", tabIndex: 0, role: "group", ariaLabel: say("picture") }, root);
  return {
    outer,
    root,
    image,
    overlay,
    /** @param {Pick<PictureState, "width" | "height" | "seq" | "alt">} state */
    resize({ width, height, seq, alt }) {
      image.width = width;
      image.height = height;
      image.alt = alt;
      overlay.setAttribute("viewBox", `0 0 ${width} ${height}`);
      root.style.maxWidth = `${width}px`;
      root.style.minWidth = `${Math.min(width, NARROWEST)}px`;
      root.dataset.seq = String(seq);
    },
  };
}
