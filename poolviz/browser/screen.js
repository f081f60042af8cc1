// @ts-check
// The screen: its theme, pixel ratio and width, which Python draws for; and the picture on it.

import { keepingFocus } from "./elements.js";

/** @import { BaseState, Model, RenderProps } from "./types.js" */

const WIDTH_STEP = 20; // dragging a window must not draw a picture for every pixel
// CSS pixels, between which Python draws a narrow picture.
const LEAST_WIDTH = 280;
const FULL_WIDTH = 680;
const FULL_FROM = 600; // from this width on the full picture is only scaled down
const REST_MS = 200; // a width is sent once it rests
const JITTER = 18; // of the width, as a scroll bar comes and goes with the height of the picture

/**
 * Return red, green, blue and alpha of a colour, from 0 to 255, as the browser paints it: a computed
 * style keeps spaces such as `oklch(…)` or `color(srgb …)`, whose numbers mean something else.
 *
 * @param {string} color
 */
function painted(color) {
  const context = new OffscreenCanvas(1, 1).getContext("2d");
  if (!context) return [0, 0, 0, 0];
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

/**
 * Return the brightness of the background of an element, from 0 to 1.
 *
 * @param {Element} element
 */
function brightness(element) {
  /** @type {Element | undefined | null} */
  let at = element;
  while (at) {
    const [red, green, blue, alpha] = painted(getComputedStyle(at).backgroundColor);
    // The weights of luma in ITU-R BT.601.
    if (alpha > 127) return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
    at = at.parentElement ?? /** @type {Partial<ShadowRoot>} */ (at.getRootNode()).host;
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? 0 : 1;
}

/**
 * Return the width of the picture for the width that is available.
 *
 * @param {number} available
 */
export const pictureWidth = (available) =>
  available >= FULL_FROM ? FULL_WIDTH : Math.max(LEAST_WIDTH, Math.floor(available / WIDTH_STEP) * WIDTH_STEP);

/**
 * Send theme and pixel ratio, and the width of the room that pictures are drawn for, if any are.
 *
 * @param {Model<any>} model
 * @param {HTMLElement} root
 * @param {HTMLElement} [room]
 * @returns {() => void} stops watching
 */
export function watchScreen(model, root, room) {
  /** @type {number | null} */
  let available = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wantedWidth = (/** @type {HTMLElement} */ room) => {
    const now = room.clientWidth;
    if (available == null || Math.abs(now - available) >= JITTER) available = now;
    return pictureWidth(available);
  };
  const send = () => {
    // In a hidden tab nothing has a width.
    const measured = room ?? root; // a root that is laid out by another widget has no box
    if (!root.isConnected || measured.clientWidth === 0) return;
    // By what is painted: front ends name their themes differently, and a page may have none.
    const theme = brightness(root.parentElement ?? root) < 0.5 ? "dark" : "light";
    root.dataset.theme = theme;
    // In quarters: zooming passes through many ratios, each of which would be another picture.
    const ratio = Math.min(3, Math.max(1, Math.round(window.devicePixelRatio * 4) / 4));
    const width = room ? wantedWidth(room) : FULL_WIDTH;
    const known = model.get("screen");
    const isKnown =
      (known.theme ?? "light") === theme && (known.ratio ?? 1) === ratio && (known.width ?? FULL_WIDTH) === width;
    if (isKnown) return;
    model.set("screen", width === FULL_WIDTH ? { theme, ratio } : { theme, ratio, width });
    model.save_changes();
  };
  const sendAfter = (/** @type {number} */ rest) => {
    clearTimeout(timer);
    timer = setTimeout(send, rest);
  };
  // A change of theme sets several attributes in a row.
  const soon = () => sendAfter(100);
  const attributes = new MutationObserver(soon);
  // Where JupyterLab writes its theme.
  attributes.observe(document.body, { attributes: true });
  const sizes = new ResizeObserver(() => sendAfter(REST_MS));
  sizes.observe(room ?? root);
  const queries = ["(forced-colors: active)", "(prefers-color-scheme: dark)"].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", soon);
  sendAfter(0);
  return () => {
    for (const query of queries) query.removeEventListener("change", soon);
    attributes.disconnect();
    sizes.disconnect();
    clearTimeout(timer);
  };
}

/**
 * Replace the picture of an image without a flash.
 *
 * @param {HTMLImageElement} image
 */
export function pictureFrame(image) {
  /** @type {string | null} */
  let url = null;
  /** @type {number | null} */
  let latest = 0;
  return {
    /**
     * Return true once this picture is decoded and in place, false if a newer one came first.
     *
     * @param {DataView | Blob | null} bytes
     * @param {number} seq
     */
    async show(bytes, seq) {
      latest = seq;
      // Python sends PNG; a page without a kernel paints its own pictures.
      const picture =
        bytes instanceof Blob ? bytes : new Blob([/** @type {BlobPart} */ (bytes)], { type: "image/png" });
      const next = URL.createObjectURL(picture);
      const loaded = new Image();
      loaded.src = next;
      try {
        // In another image, so that the visible one never is empty or half there.
        await loaded.decode();
      } catch {
        // The alt text of a picture that cannot be decoded is still worth showing.
      }
      // Decoding takes longer for larger pictures, so an older one may come in last.
      if (latest !== seq) {
        URL.revokeObjectURL(next);
        return false;
      }
      if (url) URL.revokeObjectURL(url);
      url = next;
      image.src = url;
      return true;
    },
    /** Show none of the pictures that are still being decoded. */
    cancel() {
      latest = null;
    },
    close() {
      latest = null;
      if (url) URL.revokeObjectURL(url);
    },
  };
}

/**
 * Call `update` for each new state, once the whole message has been read: marimo reports a trait
 * before it reads the next one, and the picture belongs to the state. Return what ends it.
 *
 * @param {Pick<Model<any>, "on" | "off">} model
 * @param {() => void} update
 */
export function onState(model, update) {
  const later = () => queueMicrotask(update);
  model.on("change:state", later);
  return () => model.off("change:state", later);
}

/**
 * Put a widget on the page and keep it up to date; return what removes it.
 *
 * @template {BaseState} State
 * @param {RenderProps<State>} props
 * @param {HTMLElement} root
 * @param {() => void} update
 * @param {...(() => void)} stops
 */
export function mount({ model, el, texts }, root, update, ...stops) {
  root.lang = texts.language;
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  el.append(root);
  const stopUpdates = onState(model, keepingFocus(root, update));
  update();
  const stopWatching = watchScreen(model, root);
  return () => {
    stopUpdates();
    stopWatching();
    for (const stop of stops) stop();
  };
}
