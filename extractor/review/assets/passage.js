"use strict";
// The text of an abstract: what is marked in it, and what is selected, by mouse or by keyboard.
const passage = (() => {
  const holder = document.getElementById("passage");
  const segmenters = {
    word: new Intl.Segmenter("en", { granularity: "word" }),
    sentence: new Intl.Segmenter("en", { granularity: "sentence" }),
  };
  const CONTROLS = /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;
  let text = "";
  let pieces = { word: [], sentence: [] };
  let shown = null;

  /** Make visible what a browser would obey; every character keeps its place. */
  const visible = (words) => words.replace(CONTROLS, "\ufffd");

  // The server counts characters, a browser's strings count UTF-16 units.
  const toCharacters = (units) => Array.from(text.slice(0, units)).length;
  const slice = (span) => Array.from(text).slice(span[0], span[1]).join("");

  function cut(kind) {
    return [...segmenters[kind].segment(text)]
      .filter((piece) => kind === "sentence" || piece.isWordLike || /\S/.test(piece.segment))
      .map((piece) => {
        const lead = piece.segment.length - piece.segment.trimStart().length;
        return { start: piece.index + lead, end: piece.index + piece.segment.trimEnd().length };
      })
      .filter((piece) => piece.start < piece.end);
  }

  /** Show a text with the evidence and figures of claims marked. */
  function draw(whole, claims, isLabel) {
    if (whole !== text) pieces = { word: null, sentence: null };
    const kept = whole === text ? selected() : null;
    text = whole;
    shown = components.abstractText(visible(whole), claims);
    for (const mark of shown.querySelectorAll("mark")) {
      const quotes = mark.dataset.quotes.split(" ").filter(Boolean).map(Number);
      mark.classList.toggle("labelled", quotes.some(isLabel));
    }
    holder.replaceChildren(shown);
    if (kept) select(...kept);
  }

  /** The selected part of the text in UTF-16 units, null if nothing of it is selected. */
  function selected() {
    const selection = document.getSelection();
    if (!shown || selection.rangeCount === 0 || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!shown.contains(range.commonAncestorContainer)) return null;
    const before = document.createRange();
    before.selectNodeContents(shown);
    before.setEnd(range.startContainer, range.startOffset);
    const start = before.toString().length;
    return [start, start + range.toString().length];
  }

  function find(units) {
    const walker = document.createTreeWalker(shown, NodeFilter.SHOW_TEXT);
    let left = units;
    let node = walker.nextNode();
    while (node && left > node.length) {
      left -= node.length;
      node = walker.nextNode();
    }
    return node ? [node, left] : [shown, shown.childNodes.length];
  }

  function select(start, end) {
    const range = document.createRange();
    range.setStart(...find(start));
    range.setEnd(...find(end));
    const selection = document.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
    range.startContainer.parentElement?.scrollIntoView({ block: "nearest" });
  }

  /** The selected passage, widened to whole words, as the server counts it. */
  function take() {
    const place = selected();
    if (!place) return null;
    const isWord = (at) => /[\p{L}\p{N}]/u.test(text.charAt(at)) || /^\d[.,]\d$/.test(text.slice(at - 1, at + 2));
    let [start, end] = place;
    while (start < end && /\s/.test(text[start])) start += 1;
    while (end > start && /\s/.test(text[end - 1])) end -= 1;
    if (start === end) return null;
    while (start > 0 && isWord(start - 1) && isWord(start)) start -= 1;
    while (end < text.length && isWord(end - 1) && isWord(end)) end += 1;
    return { span: [toCharacters(start), toCharacters(end)], evidence: text.slice(start, end) };
  }

  const MOVES = {
    ArrowRight: ["word", 1], ArrowLeft: ["word", -1], ArrowDown: ["sentence", 1], ArrowUp: ["sentence", -1],
  };

  /** Move or extend the selection by words and sentences. */
  function move(key, extends_) {
    const [kind, step] = MOVES[key];
    pieces[kind] ??= cut(kind);
    const parts = pieces[kind];
    if (!parts.length) return;
    const [start, end] = selected() ?? [0, 0];
    const next = step > 0
      ? parts.find((part) => (extends_ ? part.end > end : part.start >= end)) ?? parts.at(-1)
      : parts.findLast((part) => (extends_ ? part.end < end : part.end <= start)) ?? parts[0];
    if (extends_ && end > 0) {
      select(Math.min(start, next.start), Math.max(next.end, step > 0 ? end : 0));
    } else {
      select(next.start, next.end);
    }
    speak();
  }

  function speak() {
    const taken = take();
    document.getElementById("spoken").textContent = taken ? `Selected: ${visible(taken.evidence)}` : "";
  }

  holder.addEventListener("keydown", (event) => {
    if (!(event.key in MOVES) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    move(event.key, event.shiftKey);
  });

  /** Begin selecting by keyboard: with the first sentence, unless something is selected. */
  function enter() {
    holder.focus({ preventScroll: true });
    if (!selected()) move("ArrowDown", false);
  }

  /** Scroll to what is lit, where the text scrolls by itself. */
  function reveal() {
    const frame = document.getElementById("abstract");
    const mark = holder.querySelector("mark.lit");
    if (!mark || frame.scrollHeight <= frame.clientHeight) return;
    const [inner, outer] = [mark.getBoundingClientRect(), frame.getBoundingClientRect()];
    if (inner.top < outer.top || inner.bottom > outer.bottom) {
      frame.scrollTop += inner.top - outer.top - outer.height / 3;
    }
  }

  function clear() {
    if (selected()) document.getSelection().removeAllRanges();
  }

  return { draw, take, enter, clear, reveal, slice, visible, holder };
})();
