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

document.querySelectorAll("[data-resend]").forEach(resend);
document.querySelectorAll("[data-otp]").forEach(otp);
