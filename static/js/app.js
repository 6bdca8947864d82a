// What all pages can do beyond plain HTML. Every page is complete without this file; nothing here decides anything.
// What one page alone does is in identity.js and code.js.
// Words shown by it come from the page (data attributes), so that they are translated where all others are.

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector, root = document) => [...root.querySelectorAll(selector)];
const number = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: false });
const byId = (id) => document.getElementById(id);

/** Persian and Arabic-Indic digits become ASCII; spaces, dashes and invisible marks are dropped, as the server does. */
function digits(text) {
  return text
    .replace(/[۰-۹]/g, (digit) => digit.charCodeAt(0) - 0x6f0)
    .replace(/[٠-٩]/g, (digit) => digit.charCodeAt(0) - 0x660)
    .replace(/[\s\-\u2010-\u2015\u200b-\u200f\u202a-\u202e\u2066-\u2069]/g, "");
}

// ── the error summary takes the focus; its links bring the label into view (screen readers lose it otherwise) ────────

function summary(box) {
  box.focus();
  // The page answers a POST, which Back would ask to send again. Until it is left it stays one: a reload keeps what was
  // typed. But nothing is lost with a code, and sent again it would cost another try.
  const forget = () => history.replaceState(null, "");
  if ($("[data-otp]")) forget();
  else addEventListener("submit", forget);
  box.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    const control = link && byId(link.hash.slice(1));
    if (!control) return;
    event.preventDefault();
    (control.closest("fieldset")?.querySelector("legend") ?? control.labels?.[0] ?? control).scrollIntoView();
    control.focus({ preventScroll: true });
  });
}

// ── one submit at a time; the server has its own guard ───────────────────────────────────────────────────────────────

const PAUSE = 2000; // ms

function guard(form) {
  let last = -PAUSE;
  form.addEventListener("submit", (event) => {
    if (event.timeStamp - last < PAUSE) event.preventDefault();
    else last = event.timeStamp;
  });
}

// ── show and hide a password; hidden again before it leaves the page and when the page comes back ────────────────────

function reveal(button) {
  const input = byId(button.dataset.reveal);
  const word = button.firstElementChild;
  const show = word.textContent;
  const status = document.createElement("span");
  status.className = "vh";
  status.setAttribute("role", "status");
  button.after(status);
  const set = (visible) => {
    input.type = visible ? "text" : "password";
    word.textContent = visible ? button.dataset.hide : show;
  };
  button.hidden = false;
  button.addEventListener("click", () => {
    set(input.type === "password");
    status.textContent = input.type === "text" ? button.dataset.shown : button.dataset.hidden;
  });
  input.form.addEventListener("submit", () => set(false));
  addEventListener("pageshow", () => set(false));
}

// ── password rules, live; the keys are those of accounts.passwords.RULES ─────────────────────────────────────────────

const RULES = {
  length: (text) => [...text].length >= 8,
  start: (text) => /^[A-Za-z]/.test(text),
  upper: (text) => /[A-Z]/.test(text),
  lower: (text) => /[a-z]/.test(text),
  digit: (text) => /[0-9]/.test(text),
  charset: (text) => /^[A-Za-z0-9!%$#&]+$/.test(text),
};

function rules(box) {
  const input = byId(box.dataset.rules);
  const items = all("[data-rule]", box).filter((item) => item.dataset.rule in RULES); // the rest only the server can judge
  const live = $("[data-live]", box);
  let timer;
  input.addEventListener("input", () => {
    let left = 0;
    for (const item of items) {
      const met = RULES[item.dataset.rule](input.value);
      item.classList.toggle("met", met);
      $("[data-met]", item).hidden = !met;
      if (!met) left += 1;
    }
    clearTimeout(timer); // spoken once per pause, not per key
    timer = setTimeout(() => {
      live.textContent = left ? box.dataset.left.replace("{n}", number.format(left)) : box.dataset.done;
    }, 1000);
  });
}

// ── green ticks on what is well formed; errors are shown by the server alone, after sending ────────────────

function nationalCode(text) {
  const code = digits(text);
  if (!/^[0-9]{10}$/.test(code) || /^(.)\1*$/.test(code)) return false;
  const rest = [...code.slice(0, 9)].reduce((sum, digit, at) => sum + digit * (10 - at), 0) % 11;
  return Number(code[9]) === (rest < 2 ? rest : 11 - rest);
}

const filled = (text) => text.trim() !== "";
const RIGHT = {
  national_code: nationalCode,
  mobile: (text) => /^(\+98|0098|98|0)?9[0-9]{9}$/.test(digits(text)),
  code: (text) => /^[0-9]{6}$/.test(digits(text)),
  email: (text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text.trim()),
  question_1: filled,
  question_2: filled,
  question_3: filled,
  answer_1: filled,
  answer_2: filled,
  answer_3: filled,
  password1: (text) => Object.values(RULES).every((rule) => rule(text)),
  password2: (text) => filled(text) && text === $('[data-field="password1"] input')?.value,
};

function ticks(field, test) {
  const controls = all("input, select", field);
  const check = () => field.classList.toggle("right", !field.matches(".wrong") && test(...controls.map((control) => control.value)));
  field.addEventListener("change", check);
  field.addEventListener("focusout", check);
  field.addEventListener("input", () => field.classList.contains("right") && check()); // wrong again: the tick goes at once
  check();
}

function printing(button) {
  button.addEventListener("click", () => print());
  button.hidden = false;
}

const start = (selector, enhance) => all(selector).forEach(enhance);
start("[data-guard]", guard);
start("[data-reveal]", reveal);
start("[data-rules]", rules);
start("[data-print]", printing);
for (const field of all("[data-field]")) {
  if (field.dataset.field in RIGHT && !field.closest("[data-secret]")) ticks(field, RIGHT[field.dataset.field]);
}
start("[data-summary]", summary);
window.portal = { digits, ticks }; // for the scripts of single pages, which run after this one
