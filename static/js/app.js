// What the pages can do beyond plain HTML. Every page is complete without this file; nothing here decides anything.
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

/** A name as it is compared in searches: Persian letters, no spaces or joiners. */
function folded(text) {
  return text.toLowerCase().replace(/[يى]/g, "ی").replace(/ك/g, "ک").replace(/[أإآ]/g, "ا").replace(/[\s\u200b-\u200f]/g, "");
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

const name = (text) => /^[\u0621-\u063a\u0641-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc][\u0621-\u063a\u0641-\u0652\u067e\u0686\u0698\u06a9\u06af\u06cc\u200c\s-]*$/.test(text.trim());
const between = (text, low, high) => /^[0-9]+$/.test(digits(text)) && digits(text) >= low && digits(text) <= high;
const filled = (text) => text.trim() !== "";
const RIGHT = {
  national_code: nationalCode,
  mobile: (text) => /^(\+98|0098|98|0)?9[0-9]{9}$/.test(digits(text)),
  code: (text) => /^[0-9]{6}$/.test(digits(text)),
  first_name: name,
  last_name: name,
  certificate_number: (text) => /^[0-9]{1,10}$/.test(digits(text)) && Number(digits(text)) > 0,
  certificate_serial: (text) => /^[0-9]{1,6}$/.test(digits(text)),
  birth_date: (day, month, year) =>
    between(day, 1, 31) && (between(month, 1, 12) || name(month)) && between(year, 1250, 1500),
  country: filled,
  province: filled,
  city: filled,
  foreign_city: filled,
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

function ticks(field) {
  const test = RIGHT[field.dataset.field];
  const controls = all("input, select", field);
  const check = () => field.classList.toggle("right", test(...controls.map((control) => control.value)));
  field.addEventListener("change", check);
  field.addEventListener("focusout", check);
  field.addEventListener("input", () => field.classList.contains("right") && check()); // wrong again: the tick goes at once
  if (!field.classList.contains("wrong")) check();
}

// ── asking for the code again: a visible countdown, spoken twice ─────────────────────────────────────────────────────

function resend(form) {
  const end = Date.now() + Number(form.dataset.resend) * 1000;
  const [counter, live] = [$("[data-counter]", form), $("[data-live]", form)];
  const show = (shown) => form.querySelectorAll("button").forEach((button) => { button.hidden = !shown; });
  const wait = Number(form.dataset.resend) > 0;
  counter.hidden = !wait;
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

// ── the cities of all provinces, which the page does not hold, and a filter above them; the list stays the control ───

async function cities(box) {
  const [select, province] = [byId(box.dataset.filter), byId(box.dataset.province)];
  const [input, live] = [$("input", box), $("[data-live]", box)];
  const lists = await (await fetch(box.dataset.cities)).json(); // without it the page's own button lists them
  const groups = lists.map(([name, names]) => {
    const node = document.createElement("optgroup");
    node.label = name;
    return { node, name, options: names.map((city) => [new Option(city), folded(city)]) };
  });
  const empty = select.options[0];
  let timer;
  const close = () => select.removeAttribute("size");
  const draw = (chosen) => {
    const wanted = folded(input.value);
    let found = 0;
    select.replaceChildren(empty, ...groups.flatMap(({ node, name, options }) => {
      const here = wanted ? options.filter(([, text]) => text.includes(wanted)) : ["", name].includes(province.value) ? options : [];
      const kept = options.filter((option) => here.includes(option) || option[0].value === chosen).map(([option]) => option);
      found += here.length;
      node.replaceChildren(...kept);
      return kept.length ? [node] : [];
    }));
    select.value = chosen; // what was chosen stays chosen, whatever is being searched
    if (wanted) select.size = Math.min(Math.max(found + 1, 3), 7);
    else close();
    return found;
  };
  const search = (chosen) => {
    const found = draw(chosen);
    clearTimeout(timer); // spoken once per pause
    timer = setTimeout(() => {
      live.textContent = found ? box.dataset.found.replace("{n}", number.format(found)) : box.dataset.none;
    }, 700);
  };
  const changed = (control) => control.dispatchEvent(new Event("focusout", { bubbles: true })); // for its tick
  const provinceOf = () => select.selectedOptions[0]?.parentElement.label ?? "";
  // A reload brings back by itself what the page held when it came, and no other city.
  draw(select.value || history.state?.city || "");
  changed(select);
  input.addEventListener("input", () => search(select.value));
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown") select.focus();
    if (event.key === "Enter" || event.key === "ArrowDown") event.preventDefault(); // Enter here must not send the form
  });
  province.addEventListener("change", () => {
    input.value = "";
    search(["", provinceOf()].includes(province.value) ? select.value : "");
    changed(select);
  });
  select.addEventListener("change", () => {
    history.replaceState({ city: select.value }, "");
    if (select.value) province.value = provinceOf();
    changed(province);
  });
  select.addEventListener("click", () => select.value && close());
  select.addEventListener("blur", close);
  all("[data-plain]").forEach((node) => node.remove());
  box.hidden = false;
}

// ── inside Iran a city of the list, elsewhere a city in the citizen's own words ──────────────────────────────────────

function byCountry(box) {
  const country = byId(box.dataset.country);
  const show = () => {
    box.hidden = box.dataset.in ? country.value !== box.dataset.in : ["", box.dataset.outside].includes(country.value);
  };
  country.addEventListener("change", show);
  show();
}

function fill(box) {
  const button = $("button", box);
  const input = byId(box.dataset.fill);
  button.addEventListener("click", () => {
    input.value = button.value;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  });
  box.hidden = false;
}

function printing(button) {
  button.addEventListener("click", () => print());
  button.hidden = false;
}

const start = (selector, enhance) => all(selector).forEach(enhance);
start("[data-guard]", guard);
start("[data-reveal]", reveal);
start("[data-rules]", rules);
start("[data-filter]", (box) => cities(box).catch(() => {}));
start("[data-country]", byCountry);
start("[data-fill]", fill);
start("[data-resend]", resend);
start("[data-otp]", otp);
start("[data-print]", printing);
all("[data-field]").filter((field) => field.dataset.field in RIGHT && !field.closest("[data-secret]")).forEach(ticks);
start("[data-summary]", summary);
