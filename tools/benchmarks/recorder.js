// Notes, frame by frame, when the pixels of one picture change, and when events reach the page.
// A picture is found anew in each frame: some ways replace its element at every change.

([name, selector]) => {
  const sample = document.createElement("canvas");
  sample.width = 450;
  sample.height = 210;
  const context = sample.getContext("2d", { willReadFrequently: true });

  // A layer that is painted over the picture, until the picture follows.
  const painted = () => {
    const layer = document.querySelector(selector)?.parentElement?.querySelector(".pv-painted");
    return layer && !layer.hidden ? layer.shadowRoot.innerHTML : null;
  };

  function pixels() {
    const layer = painted();
    if (layer) return layer;
    const picture = document.querySelector(selector);
    if (!picture || picture.complete === false || picture.naturalWidth === 0) return null;
    if (picture instanceof SVGElement) return picture.innerHTML;
    context.clearRect(0, 0, sample.width, sample.height);
    context.drawImage(picture, 0, 0, sample.width, sample.height);
    const data = new Uint32Array(context.getImageData(0, 0, sample.width, sample.height).data.buffer);
    let hash = 7;
    for (const pixel of data) hash = (Math.imul(hash, 31) + pixel) | 0;
    return hash;
  }

  const recorder = { events: [], changes: [], drawn: [], start, stop };
  const observer = new MutationObserver(() => recorder.drawn.push(performance.now()));
  let last = null;
  let isRunning = false;

  function look() {
    if (!isRunning) return;
    const now = pixels();
    if (now !== null && now !== last) {
      last = now;
      recorder.changes.push([performance.now(), painted() != null]);
    }
    requestAnimationFrame(look);
  }

  function start() {
    recorder.events = [];
    recorder.changes = [];
    recorder.drawn = [];
    observer.observe(document.querySelector(selector), { childList: true });
    last = pixels();
    isRunning = true;
    requestAnimationFrame(look);
  }

  function stop() {
    isRunning = false;
    observer.disconnect();
  }

  for (const kind of ["keydown", "pointermove"]) {
    window.addEventListener(kind, () => recorder.events.push(performance.now()), true);
  }
  window.recorders = { ...window.recorders, [name]: recorder };
}
