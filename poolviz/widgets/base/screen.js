// The screen: theme, pixel ratio and width, told to Python so that the picture fits; the picture.

function brightness(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    const parts = getComputedStyle(at).backgroundColor.match(/[\d.]+/g);
    if (parts && (parts.length < 4 || Number(parts[3]) > 0.5)) {
      return (0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2]) / 255;
    }
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? 0 : 1;
}

const WIDTH_STEP = 20; // pictures are not drawn anew for every pixel of a window that is dragged
const LEAST_WIDTH = 280, FULL_WIDTH = 900;
const FULL_FROM = 720; // where there is so much room, the full picture is only made smaller
const REST_MS = 200; // a width is told once it rests
const JITTER = 18; // a scroll bar that comes and goes with the picture's height

/** The width for which a picture is drawn in so much room. */
const pictureWidth = (room) =>
  room >= FULL_FROM ? FULL_WIDTH : Math.max(LEAST_WIDTH, Math.floor(room / WIDTH_STEP) * WIDTH_STEP);

/** Tells theme and pixel ratio, and the width too if the widget draws for one. */
function watchScreen(model, root, { drawsForWidth = false } = {}) {
  let room = null;
  let timer = null;
  const wanted = () => {
    const now = root.clientWidth - 8;
    if (room === null || Math.abs(now - room) >= JITTER) room = now;
    return pictureWidth(room);
  };
  const tell = () => {
    if (!root.isConnected || root.clientWidth === 0) return;
    const theme = brightness(root.parentElement ?? root) < 0.5 ? "dark" : "light";
    root.dataset.theme = theme;
    const ratio = Math.min(3, Math.max(1, Math.round(window.devicePixelRatio * 4) / 4));
    const width = drawsForWidth ? wanted() : FULL_WIDTH;
    const known = model.get("screen");
    const isKnown = (known.theme ?? "light") === theme && (known.ratio ?? 1) === ratio
      && (known.width ?? FULL_WIDTH) === width;
    if (isKnown) return;
    model.set("screen", width === FULL_WIDTH ? { theme, ratio } : { theme, ratio, width });
    model.save_changes();
  };
  const tellSoon = (rest) => {
    clearTimeout(timer);
    timer = setTimeout(tell, rest);
  };
  const soon = () => tellSoon(100);
  const observer = new MutationObserver(soon);
  observer.observe(document.body, { attributes: true });
  const sizes = new ResizeObserver(() => tellSoon(REST_MS));
  sizes.observe(root);
  const queries = ["(forced-colors: active)", "(prefers-color-scheme: dark)"].map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener("change", soon);
  tellSoon(0);
  return () => {
    for (const query of queries) query.removeEventListener("change", soon);
    observer.disconnect();
    sizes.disconnect();
    clearTimeout(timer);
  };
}

/** Swaps pictures without a flash: `show` is true once the newest one is decoded and in place. */
function pictureFrame(image) {
  let url = null;
  let latest = 0;
  return {
    async show(bytes, seq) {
      latest = seq;
      // Python sends PNG; a page without a kernel paints its own pictures.
      const picture = bytes instanceof Blob ? bytes : new Blob([bytes], { type: "image/png" });
      const next = URL.createObjectURL(picture);
      const loaded = new Image();
      loaded.src = next;
      try {
        await loaded.decode();
      } catch {
        // A picture that cannot be decoded is still handed over: its alt text remains.
      }
      if (latest !== seq) {
        URL.revokeObjectURL(next);
        return false;
      }
      if (url) URL.revokeObjectURL(url);
      url = next;
      image.src = url;
      return true;
    },
    close() {
      latest = null;
      if (url) URL.revokeObjectURL(url);
    },
  };
}

/** Puts a widget on the page and keeps it up to date; the answer takes it off again. */
function mount(model, el, root, update, ...stops) {
  root.lang = speechOf(model)("language");
  root.setAttribute("data-lm-suppress-shortcuts", "true");
  el.append(root);
  model.on("change:state", update);
  update();
  const forgetScreen = watchScreen(model, root);
  return () => {
    model.off("change:state", update);
    forgetScreen();
    for (const stop of stops) stop();
  };
}
