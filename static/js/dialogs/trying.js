// The page of the API: a form under each address that sends a request and shows the answer as it came. Stands
// alone; asks by way of the connection.

import { createApi } from "../server/api.js";
import { el } from "../ui/dom.js";
import { later, sayLater } from "../words/dialogs.js";

const MOST_SHOWN = 20_000;
const TOLD = ["content-type", "etag", "convscope-version", "figure-caption"];
const api = createApi("."); // paths of the description begin with a slash; the server may lie below one

// The page is rendered once, for everybody: the address that it was opened by is put in here.
for (const example of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-home]"))) {
  const { home } = example.dataset;
  const here = new URL(".", location.href).href.replace(/\/$/, "");
  if (home) example.textContent = (example.textContent ?? "").replaceAll(home, here);
}

for (const box of document.querySelectorAll(".try")) form(/** @type {HTMLElement} */ (box));

/** One form. @param {HTMLElement} box */
function form(box) {
  const { method = "GET", path = "", accept = "", kind = "", body = "" } = box.dataset;
  const labelled = (/** @type {string} */ label, /** @type {HTMLElement} */ field) =>
    el("label", {}, el("span", { text: label }), field);
  const upload = method === "POST" && kind !== "application/json";
  const places = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => {
    const field = el("input", { type: "text", required: true, spellcheck: "false" });
    return { name, field };
  });
  const file = el("input", { type: "file", accept: "image/*,.npy" });
  const content = el("textarea", { rows: Math.min(16, body.split("\n").length + 1), spellcheck: "false" });
  content.value = body;
  const forms = el("select");
  for (const one of accept.split(" ").filter(Boolean)) forms.append(el("option", { value: one, text: one }));
  const send = el("button", { type: "submit", text: later.trying.send });
  const line = el("p", { role: "status" });
  const shown = el("div", { class: "answer" });
  const made = el(
    "form",
    { "aria-label": sayLater.tryIt(method, path), onsubmit: ask },
    ...places.map(({ name, field }) => labelled(name, field)),
    ...(method !== "POST" ? [] : [labelled(later.trying.body, upload ? file : content)]),
    ...(forms.options.length > 1 ? [labelled("Accept", forms)] : []),
    send,
  );
  box.append(el("details", {}, el("summary", { text: later.trying.open }), made, line, shown));

  async function ask(/** @type {Event} */ event) {
    event.preventDefault();
    const address = places.reduce(
      (filled, { name, field }) => filled.replace(`{${name}}`, encodeURIComponent(field.value.trim())),
      path,
    );
    /** @type {Record<string, string>} */
    const headers = forms.value ? { Accept: forms.value } : {};
    /** @type {RequestInit} */
    const request = { method, headers };
    if (method === "POST") {
      const [chosen] = file.files ?? [];
      request.body = upload ? (chosen ?? "") : content.value;
      headers["Content-Type"] = upload
        ? chosen?.name.endsWith(".npy")
          ? "application/x-npy"
          : chosen?.type || "image/png"
        : kind;
    }
    send.disabled = true;
    line.textContent = later.trying.waiting;
    const answer = await api.send(address, request);
    send.disabled = false;
    shown.replaceChildren();
    if (!answer.ok) {
      line.textContent = answer.problem.detail;
      return;
    }
    const { status, headers: came, blob } = answer.value;
    line.textContent = sayLater.answered(status, blob.size);
    const heads = TOLD.flatMap((name) => (came.get(name) === null ? [] : [`${name}: ${came.get(name)}`]));
    shown.append(el("pre", { tabindex: 0 }, el("code", { text: heads.join("\n") })));
    shown.append(await rendered(blob, came.get("content-type") ?? "", address));
  }
}

/** The body of an answer as a person can look at it. @param {Blob} blob @param {string} type @param {string} address */
async function rendered(blob, type, address) {
  if (type.startsWith("image/"))
    return el("img", { src: URL.createObjectURL(blob), alt: sayLater.pictureOf(address) });
  if (/json|text|tex|xml/.test(type)) {
    const words = await blob.text();
    const pretty = type.includes("json") && !type.includes("ndjson") ? indented(words) : words;
    const cut = pretty.length > MOST_SHOWN ? `${pretty.slice(0, MOST_SHOWN)}\n…` : pretty;
    return el("pre", { tabindex: 0 }, el("code", { text: cut }));
  }
  const name = type === "application/pdf" ? "figure.pdf" : "output.npy";
  return el("a", { href: URL.createObjectURL(blob), download: name, text: sayLater.download(name) });
}

/** JSON with a line a field; lists of plain numbers stay on one. */
function indented(/** @type {string} */ words) {
  try {
    const pretty = JSON.stringify(JSON.parse(words), null, 2);
    return pretty.replace(/\[\s+([-\d.,\s"NaIfinty]+?)\s+\]/g, (_, list) => `[${list.replace(/\s+/g, " ")}]`);
  } catch {
    return words;
  }
}
