// The page of a code from a text message: when it may be sent again, and the code straight from the message.

const $ = (selector, root = document) => root.querySelector(selector);
const number = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: false });

// ── asking for the code again: a visible countdown, spoken twice ─────────────────────────────────────────────────────

function resend(form) {
  const end = Date.now() + Number(form.dataset.resend) * 1000;
  const [counter, live] = [$("[data-counter]", form), $("[data-live]", form)];
  const show = (shown) => form.querySelectorAll("button").forEach((button) => { button.hidden = !shown; });
  const wait = Number(form.dataset.resend) > 0;
  counter.hidden = !wait;
  $("[data-wait]", form)?.remove(); // the same, standing still
  show(!wait);
  if (!wait) return;
  const tick = () => {
    const left = Math.max(0, Math.ceil((end - Date.now()) / 1000));
    const seconds = number.format(left % 60).padStart(2, number.format(0));
    $("bdi", counter).textContent = `${number.format(Math.floor(left / 60))}:${seconds}`;
    if (left === 30) live.textContent = form.dataset.mark;
    if (left) return;
    clearInterval(timer);
    live.textContent = form.dataset.ready;
    counter.hidden = true;
    show(true);
  };
  const timer = setInterval(tick, 1000);
  tick();
}

// ── the code straight from the text message, where the browser offers it; never sent by itself ───────────────────────

function otp(box) {
  if (!("OTPCredential" in window)) return;
  const input = $("input", box);
  const abort = new AbortController();
  input.form.addEventListener("submit", () => abort.abort());
  navigator.credentials
    .get({ otp: { transport: ["sms"] }, signal: abort.signal })
    .then((credential) => {
      if (!credential || input.value) return;
      input.value = credential.code;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    })
    .catch(() => {}); // refused, timed out or left: the citizen types the code
}

// ── a message that did not arrive: this page says so, so it is asked for once more while nobody has left it ──────────

const LOOKS = [5, 15, 40, 100, 200, 330]; // seconds after the page was opened; a provider may tell after five minutes

function arrival(section) {
  $("[data-look]", section)?.remove(); // the same by hand
  const look = async () => {
    if (document.hidden || section.dataset.arrival || !section.isConnected) return;
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const news = answer.ok && $("[data-arrival]", new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (!news || !news.dataset.arrival || !section.isConnected || $("[data-otp] input").value) return; // who types has a code
    const said = document.createElement("p");
    said.className = "vh";
    said.setAttribute("role", "alert");
    section.remove();
    $("[data-sent]")?.remove();
    $("[data-otp]").closest("form").before(said, news);
    said.textContent = $("h2", news).textContent;
    $("[data-otp]").closest("form").querySelectorAll(".button").forEach((button) => button.classList.add("secondary"));
    news.querySelectorAll("[data-resend]").forEach(resend);
  };
  LOOKS.forEach((after) => setTimeout(() => look().catch(() => {}), after * 1000));
}

document.querySelectorAll("[data-resend]").forEach(resend);
document.querySelectorAll("[data-arrival]").forEach(arrival);
document.querySelectorAll("[data-otp]").forEach(otp);
