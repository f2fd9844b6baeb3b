// Rows that move by themselves: an event names a fax, its row is fetched anew, and an end is said once.

import { isPressed, whenReleased } from "./press.js";

const source = document.body.dataset.listen;
const news = document.getElementById("news");
const statuses = new Map();
const waiting = new Map();
const PACE = 200;
let stream = null;
let retry = 0;
let retryTimer = 0;

const note = (element) => {
  const name = element.dataset.live;
  const before = statuses.get(name);
  statuses.set(name, element.dataset.status);
  if (before && before !== element.dataset.status && !("moving" in element.dataset)) {
    news.textContent = element.dataset.ended;
  }
};

// A deed pressed in a row is answered into that row: replaced before, the answer and its message would find no page.
const acts = (element) => element.querySelector("form.htmx-request");

// An answer under way may be older than the event, and takes with it whatever its row was still to ask for.
const isFetched = (element) => element.classList.contains("htmx-request");

// One fetch at a time for a row, and at most one every PACE milliseconds: the last event always wins.
const refresh = (element) => {
  const name = element.dataset.live;
  if (waiting.has(name)) return;
  waiting.set(
    name,
    setTimeout(() => {
      waiting.delete(name);
      const now = document.querySelector(`[data-live="${name}"]`);
      if (now && (acts(now) || isFetched(now))) refresh(now);
      else if (now) htmx.trigger(now, "moved");
    }, PACE),
  );
};

const changed = (name) => {
  const element = document.querySelector(`[data-live="${name}"]`);
  if (element) refresh(element);
  else document.getElementById("fresh")?.removeAttribute("hidden");
};

// What has not ended may have changed while nobody listened: before the stream was there, or while the page was hidden.
const everything = () => document.querySelectorAll("[data-live]").forEach((element) => {
  if (element.matches("[data-moving], .move, .hold")) refresh(element);
});

const open = () => {
  clearTimeout(retryTimer);
  if (stream || document.hidden) return;
  stream = new EventSource(source);
  stream.addEventListener("fax", (event) => changed(event.data));
  stream.addEventListener("all", () => {
    retry = 0;
    everything();
  });
  stream.addEventListener("error", () => {
    if (stream?.readyState !== EventSource.CLOSED) return; // the browser comes back by itself
    close();
    retry = Math.min(60_000, Math.max(2_000, retry * 2));
    retryTimer = setTimeout(open, retry);
  });
};

const close = () => {
  stream?.close();
  stream = null;
};

// A row that would be replaced under a finger, or before its deed is answered, is fetched once more after it.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig } = event.detail;
  if (!target.matches("[data-live]") || !(isPressed() || (requestConfig.elt === target && acts(target)))) return;
  event.detail.shouldSwap = false;
  whenReleased(() => changed(target.dataset.live));
});

// What was unfolded stays unfolded when Fax info is fetched anew.
const unfolded = new Set();
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.shouldSwap) return;
  for (const one of event.detail.target.querySelectorAll("details[open][id]")) unfolded.add(one.id);
});
document.addEventListener("htmx:afterSettle", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
  unfolded.clear();
});

if (source) {
  document.querySelectorAll("[data-live]").forEach(note);
  document.addEventListener("htmx:load", (event) => {
    const element = event.detail.elt.closest?.("[data-live]");
    if (element) note(element);
  });
  // A hidden page holds no connection: browsers allow six to one server.
  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  addEventListener("pagehide", close);
  addEventListener("pageshow", open);
  open();
}
