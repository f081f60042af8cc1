// The screen: theme and pixel ratio, told to Python so that the picture fits; and the picture.

function brightness(element) {
  for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) {
    const parts = getComputedStyle(at).backgroundColor.match(/[\d.]+/g);
    if (parts && (parts.length < 4 || Number(parts[3]) > 0.5)) {
      return (0.299 * parts[0] + 0.587 * parts[1] + 0.114 * parts[2]) / 255;
    }
  }
  return matchMedia("(prefers-color-scheme: dark)").matches ? 0 : 1;
}

function watchScreen(model, root) {
  const tell = () => {
    if (!root.isConnected) return;
    const theme = brightness(root.parentElement ?? root) < 0.5 ? "dark" : "light";
    root.dataset.theme = theme;
    const ratio = Math.min(3, Math.max(1, Math.round(window.devicePixelRatio * 4) / 4));
    const known = model.get("screen");
    if ((known.theme ?? "light") === theme && (known.ratio ?? 1) === ratio) return;
    model.set("screen", { theme, ratio });
    model.save_changes();
  };
  const observer = new MutationObserver(() => setTimeout(tell, 100));
  observer.observe(document.body, { attributes: true });
  const first = setTimeout(tell, 0);
  return () => {
    observer.disconnect();
    clearTimeout(first);
  };
}

/** Swaps pictures without a flash: `show` is true once the newest one is decoded and in place. */
function pictureFrame(image) {
  let url = null;
  let latest = 0;
  return {
    async show(bytes, seq) {
      latest = seq;
      const next = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
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
