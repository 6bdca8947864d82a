// Keeps what is typed into a page of the registration when the page is left, whatever way, and now and then while
// somebody types, which also shows the server that somebody is there. Passwords and answers never leave with it.

const form = document.querySelector("[data-keep]");
const dialog = document.querySelector("[data-session]");
const tabs = new BroadcastChannel(dialog.dataset.channel); // session.js hears it, in this tab as well
const SECRET = /-(password|answer_)[0-9]$/;
const EVERY = 3 * 60_000; // ms
const [LEFT, SOON] = ["form-left", 5000];

let unsaved = form?.dataset.keep === "unsaved"; // the server has sent it back, and has not kept it
let sent = false; // an answer to the step is under way, which saves more than this does
let told = Date.now();

function body() {
  const typed = [...(form ? new FormData(form) : [])].filter(([name]) => !SECRET.test(name));
  return new URLSearchParams([...typed, ["registration-keep", "1"]]);
}

/** A number that tells whether two pages hold the same, and nothing of what they hold. */
function sum() {
  const typed = [...new FormData(form)].filter(([name]) => name.startsWith("identity-") || name.startsWith("account-"));
  const text = JSON.stringify(typed.filter(([name]) => !SECRET.test(name) && !name.endsWith("-draft_mark")));
  return [...text].reduce((total, sign) => (total * 31 + sign.codePointAt(0)) | 0, 0);
}

function leave() {
  if (!unsaved || sent || !navigator.sendBeacon(location.pathname, body())) return;
  unsaved = false;
  sessionStorage.setItem(LEFT, `${Date.now()} ${sum()}`);
}

/** A page that is asked for while it is being left may come before what is kept of it has arrived: it is asked again. */
function arrive() {
  const [at, held] = (sessionStorage.getItem(LEFT) ?? "").split(" ").map(Number);
  sessionStorage.removeItem(LEFT);
  if (!unsaved && Date.now() - at < SOON && held !== sum()) location.replace(location.href);
}

async function tell() {
  told = Date.now();
  unsaved = false;
  const answer = await fetch(location.pathname, { method: "POST", body: body(), keepalive: true });
  if (!answer.ok) throw new Error("not kept");
  tabs.postMessage(Date.now() + 1000 * (await answer.json()).seconds);
}

function typed() {
  unsaved = true;
  if (Date.now() - told >= EVERY) tell().catch(() => { unsaved = true; });
}

if (form) {
  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("submit", (event) => { sent = !event.defaultPrevented; });
  arrive();
  addEventListener("beforeunload", leave);
  addEventListener("pagehide", leave);
  addEventListener("pageshow", () => { sent = false; });
  document.addEventListener("visibilitychange", () => document.hidden && leave());
}
