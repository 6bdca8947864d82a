// Development only: the page shows a new text message by itself.
const SECONDS = 2;
const thread = document.querySelector("[data-handset]");
let known;

async function look() {
  const answer = await fetch(location.href, { headers: { Accept: "application/json" } });
  const newest = JSON.stringify(await answer.json());
  if (known !== undefined && newest !== known) {
    const page = await (await fetch(location.href, { headers: { Accept: "text/html" } })).text();
    const fresh = new DOMParser().parseFromString(page, "text/html").querySelector("[data-handset]");
    thread.replaceChildren(...fresh.childNodes);
  }
  known = newest;
}

setInterval(() => document.hidden || look().catch(() => {}), SECONDS * 1000);
look().catch(() => {});
