// Zoom and pan of a map. The state lives here, not in the picture, so it survives every new one. One finger scrolls the page
// (live.css leaves that to the browser), two move and zoom the map.

/**
 * Returns {place(w, h) -> (x, y) => [px, py], dot() -> point size factor}; calls `changed` when a person moves it.
 * @param {HTMLElement} node
 * @param {() => void} changed
 */
export function camera(node, changed) {
  let scale = 1, x = 0, y = 0;
  /** @type {[number, number] | null} */
  let held = null;
  const size = () => Math.min(node.clientWidth, node.clientHeight) / 2.12;
  /** @type {(factor: number, px: number, py: number) => void} */
  const zoom = (factor, px, py) => {
    const next = Math.min(40, Math.max(0.5, scale * factor)), k = next / scale;
    const cx = px - node.clientWidth / 2, cy = py - node.clientHeight / 2;
    [x, y, scale] = [cx - (cx - x) * k, cy - (cy - y) * k, next];
    note();
  };
  const note = () => {
    node.dataset.zoom = scale.toFixed(3);
    changed();
  };
  const reset = () => {
    [scale, x, y] = [1, 0, 0];
    note();
  };
  node.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * 0.0015), event.offsetX, event.offsetY);
  }, { passive: false });
  pinch(node, (factor, [px, py], [dx, dy]) => {
    [x, y] = [x + dx, y + dy];
    zoom(factor, px, py);
  });
  node.addEventListener("pointerdown", (event) => (held = event.pointerType === "touch" ? null : [event.clientX - x, event.clientY - y]));
  node.addEventListener("pointermove", (event) => {
    if (!held || !event.buttons) return;
    if (!node.hasPointerCapture(event.pointerId)) node.setPointerCapture(event.pointerId);
    [x, y] = [event.clientX - held[0], event.clientY - held[1]];
    note();
  });
  node.addEventListener("pointerup", () => (held = null));
  node.addEventListener("dblclick", reset);
  node.addEventListener("keydown", (event) => {
    const [centreX, centreY] = [node.clientWidth / 2, node.clientHeight / 2];
    /** @type {Record<string, [number, number]>} */
    const moves = { ArrowLeft: [30, 0], ArrowRight: [-30, 0], ArrowUp: [0, 30], ArrowDown: [0, -30] };
    if (event.key === "+" || event.key === "=") zoom(1.25, centreX, centreY);
    else if (event.key === "-") zoom(0.8, centreX, centreY);
    else if (event.key === "0") reset();
    else if (event.key in moves) {
      [x, y] = [x + moves[event.key][0], y + moves[event.key][1]];
      note();
    } else return;
    event.preventDefault();
  });
  /** @type {(w: number, h: number) => (px: number, py: number) => [number, number]} */
  const place = (w, h) => {
    const s = size() * scale, cx = w / 2 + x, cy = h / 2 + y;
    return (px, py) => [cx + px * s, cy - py * s];
  };
  return { place, dot: () => Math.min(2.2, Math.sqrt(scale)) };
}

/**
 * Two fingers on a node: calls `moved` with how much further apart they are, where their middle is, and how far it went.
 * @param {HTMLElement} node
 * @param {(factor: number, middle: [number, number], by: [number, number]) => void} moved
 */
function pinch(node, moved) {
  /** @type {Map<number, [number, number]>} */
  const fingers = new Map();
  const pair = () => {
    const [a, b] = fingers.values();
    return a && b ? { middle: [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2], apart: Math.hypot(a[0] - b[0], a[1] - b[1]) } : null;
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
  });
  node.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = pair();
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    const after = pair();
    if (!before?.apart || !after) return;
    const [px, py] = after.middle;
    moved(after.apart / before.apart, [px, py], [px - before.middle[0], py - before.middle[1]]);
  });
  for (const end of /** @type {const} */ (["pointerup", "pointercancel", "pointerleave"]))
    node.addEventListener(end, (event) => fingers.delete(event.pointerId));
  node.addEventListener("touchmove", (event) => event.touches.length > 1 && event.preventDefault(), { passive: false });
}
