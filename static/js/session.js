// Warns before the session, or the form of a registration, ends by itself and offers to stay. The server ends it in any
// case; its page says so then. Words come from the page. Tabs tell each other how long it lasts: who works in one is not
// warned in another.

const dialog = document.querySelector("[data-session]");
const form = dialog.querySelector("[data-stay]");
const live = dialog.querySelector("[data-live]");
const number = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: false });
const tabs = new BroadcastChannel(dialog.dataset.channel ?? "session");

const WARN = 150; // seconds before the end
const AFTER = 2; // seconds after it, when the server has ended it for sure

const inSeconds = (seconds) => Date.now() + 1000 * seconds;
const longest = inSeconds(Number(dialog.dataset.longest));
let end = inSeconds(Number(dialog.dataset.session));
let said = "";

function last(until) {
  end = Math.min(Math.max(end, until), longest);
  if (end > inSeconds(WARN)) dialog.close();
}

function say(seconds) {
  const minutes = Math.ceil(seconds / 60);
  const text = seconds < 60 ? dialog.dataset.soon : dialog.dataset.minutes.replace("{n}", number.format(minutes));
  if (text !== said) live.textContent = said = text; // spoken once per minute
}

function tick() {
  const seconds = (end - Date.now()) / 1000;
  if (seconds < -AFTER) {
    location.replace(dialog.dataset.afterwards ?? location.pathname + location.search); // leads to the sign-in, and back
    clearInterval(timer);
  } else if (seconds < WARN) {
    form.hidden = longest <= inSeconds(WARN); // nobody can stay longer than that
    if (!dialog.open) dialog.showModal();
    say(seconds);
  }
}

async function ask() {
  const answer = await fetch(form.action, {
    method: "POST",
    body: new FormData(form),
    headers: { Accept: "application/json" },
    redirect: "manual", // to the sign-in: it was too late
  });
  if (!answer.ok) throw new Error("the session is over");
  last(inSeconds((await answer.json()).seconds));
  tabs.postMessage(end);
}

function stay(event) {
  event.preventDefault();
  if (!form.hidden) ask().catch(() => location.replace(dialog.dataset.afterwards ?? location.href)); // says what is the matter
}

form.addEventListener("submit", stay);
dialog.addEventListener("cancel", stay); // Esc means: I am still here
tabs.addEventListener("message", ({ data }) => last(data));
tabs.postMessage(end);
const timer = setInterval(tick, 1000);
