"use strict";
// What is asked of the server: decisions one after another, and the time that someone is busy.
const server = (() => {
  const config = components.readData();
  const root = `api/${encodeURIComponent(config.label_set)}`;
  const RETRY_MS = 1500;
  const IDLE_MS = 60000;
  const REPORT_MS = 10000;

  async function ask(path, body) {
    const options = body === undefined ? {} : {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
    };
    const response = await fetch(path, { ...options, cache: "no-store", credentials: "omit", redirect: "error" });
    const said = response.status === 204 ? null : await response.json().catch(() => null);
    if (response.ok) return said;
    const error = new Error(said?.error ?? `the server answers ${response.status}`);
    error.status = response.status;
    error.current = said?.current;
    throw error;
  }

  let queue = Promise.resolve();
  let waiting = 0;
  const listeners = [];
  let trouble = null;
  const tell = () => listeners.forEach((listener) => listener(waiting, trouble));

  const pause = () => new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });

  /** Ask again until the server answers, whatever it says. */
  async function insist(attempt) {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if (error.status !== undefined) throw error;
        trouble = "the server does not answer";
        tell();
        await pause();
      }
    }
  }

  const versions = new Map();
  const epochs = new Map();
  const epochOf = (key) => epochs.get(key) ?? 0;

  async function send(key, decision, resolve) {
    for (;;) {
      try {
        const body = { base: versions.get(key) ?? 0, decision };
        const view = await insist(() => ask(`${root}/abstracts/${key}/decisions`, body));
        versions.set(key, view.version);
        return view;
      } catch (error) {
        if (error.status !== 409) throw error;
        versions.set(key, error.current.version);
        if (await resolve(error) === "mine") continue;
        // What was typed before on the same ground is given up with it.
        epochs.set(key, epochOf(key) + 1);
        return null;
      }
    }
  }

  /**
   * Take decisions in their order; each is made when those before it are answered.
   * Where someone else was faster, `resolve` says whose version is kept; null if not this one.
   */
  function decide(key, decision, resolve) {
    const born = epochOf(key);
    waiting += 1;
    tell();
    const made = queue.then(() => (born === epochOf(key) ? send(key, decision, resolve) : null));
    const end = (reason) => { waiting -= 1; trouble = reason; tell(); };
    const settled = made.then((view) => { end(null); return view; }, (error) => {
      // What was typed is lost; a refusal to undo or to finish loses nothing.
      end(error.status >= 500 || decision.action === "put" ? error.message : null);
      throw error;
    });
    queue = settled.catch(() => undefined);
    return settled;
  }

  const read = (key) => ask(`${root}/abstracts/${key}`);

  /** Let decisions build on the version that the page shows now. */
  function adopt({ key, version }) {
    // A decision may have overtaken it.
    versions.set(key, Math.max(version, versions.get(key) ?? 0));
  }

  const clock = { key: null, last: null, active: 0 };

  function flush() {
    const { key, active } = clock;
    clock.active = 0;
    if (!key || active < 100) return;
    const path = `${root}/abstracts/${key}/time`;
    // Outlives the page, so that closing it loses nothing.
    fetch(path, {
      method: "POST", keepalive: true, credentials: "omit",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ active_s: active / 1000 }),
    }).then((response) => { if (!response.ok) throw new Error(); })
      .catch(() => { if (clock.key === key) clock.active += active; });
  }

  /** Count the time since the last sign of life, a long pause for no more than a minute. */
  function beat() {
    const now = performance.now();
    if (clock.last !== null) clock.active += Math.min(now - clock.last, IDLE_MS);
    clock.last = now;
    if (clock.active >= REPORT_MS) flush();
  }

  function watch(key) {
    beat();
    flush();
    clock.key = key;
    clock.last = performance.now();
  }

  for (const kind of ["pointerdown", "pointermove", "keydown", "wheel", "selectionchange"]) {
    document.addEventListener(kind, beat, { passive: true });
  }
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { beat(); flush(); clock.last = null; } else { clock.last = performance.now(); }
  });
  addEventListener("pagehide", () => { beat(); flush(); });

  return {
    config,
    decide,
    watch,
    isSaving: () => waiting > 0,
    onSaving: (listener) => listeners.push(listener),
    tell,
    list: () => ask(`${root}/abstracts`),
    read,
    adopt,
    versionOf: (key) => versions.get(key) ?? 0,
    changes: (after) => ask(`${root}/changes?after=${after}`),
    summary: () => ask(`${root}/summary`),
    readFigure: (text) => ask("api/figure", { text }),
    settle: () => queue,
  };
})();
