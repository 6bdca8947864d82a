// The page of the identity: names, dates and places as the server takes them, the city, and a number that is the same as
// another one.

const $ = (selector, root = document) => root.querySelector(selector);
const all = (selector) => document.querySelectorAll(selector);
const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat(document.documentElement.lang, { useGrouping: false });

/** A name as it is compared in searches: Persian letters, no spaces or joiners. */
function folded(text) {
  return text.toLowerCase().replace(/[يى]/g, "ی").replace(/ك/g, "ک").replace(/[أإآ]/g, "ا").replace(/[\s\u200b-\u200f]/g, "");
}

// ── the city: one box with a list below it (the combobox of the ARIA practices), instead of two selects ──────────────
// The selects stay in the form, hidden, and are what is sent. Phones' keyboards tell no keys while they compose a word:
// the list follows `input` alone, and keys only move in it.

const SHOWN = 60; // options at once

async function combobox(box) {
  const [select, province] = [byId(box.dataset.combobox), byId(box.dataset.province)];
  const lists = await (await fetch(box.dataset.cities)).json(); // without it the page's own button lists them
  const all = lists.flatMap(([place, names]) => names.map((city) => {
    const [[value, name = value.replace(/ \(.*/, "")], [group, shown = group]] = [[city].flat(), [place].flat()];
    return { value, name, group, shown, text: folded(value), latin: folded(name) };
  }));
  const control = select.parentElement;
  const label = select.labels[0];
  const make = (tag, attributes, into) => {
    const node = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) if (value !== null) node.setAttribute(key, value);
    into.append(node);
    return node;
  };
  const hint = make("p", { class: "hint", id: "city-hint" }, control);
  control.before(hint);
  hint.textContent = box.dataset.hint;
  const input = make("input", {
    type: "text", role: "combobox", id: select.id, dir: "auto", autocomplete: "off", autocapitalize: "none", spellcheck: "false",
    "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "city-list",
    "aria-describedby": `city-hint ${select.getAttribute("aria-describedby") ?? ""}`.trim(),
    "aria-invalid": select.getAttribute("aria-invalid"), "aria-required": select.getAttribute("aria-required"),
  }, control);
  const button = make("button", { type: "button", tabindex: "-1", "aria-label": box.dataset.open, "aria-controls": "city-list", "aria-expanded": "false", class: "shows" }, control);
  const list = make("ul", { role: "listbox", id: "city-list", "aria-label": label.textContent.replace("*", "").trim(), hidden: "" }, control);
  const live = make("p", { class: "vh", role: "status" }, control);
  select.removeAttribute("id");
  select.hidden = true;
  province.closest("[data-field]").hidden = true;
  control.classList.add("combobox");

  let at = -1;
  let timer;
  const chosen = () => all.find((city) => city.value === select.value);
  const say = (text) => {
    clearTimeout(timer); // spoken once per pause
    timer = setTimeout(() => { live.textContent = text; }, 700);
  };
  const mark = (to) => {
    at = to;
    [...list.children].forEach((option, place) => option.setAttribute("aria-selected", place === at));
    const option = list.children[at];
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const open = (shown) => {
    list.hidden = !shown || !list.children.length;
    for (const node of [input, button]) node.setAttribute("aria-expanded", !list.hidden);
    if (!list.hidden) list.scrollIntoView({ block: "nearest" }); // on a phone the box may be at the lower edge
    if (list.hidden) mark(-1);
  };
  const draw = (wanted) => {
    const found = wanted ? all.filter((city) => city.text.includes(wanted) || city.latin.includes(wanted)) : all;
    if (wanted) found.sort((one, other) => other.text.startsWith(wanted) - one.text.startsWith(wanted));
    list.replaceChildren(...found.slice(0, SHOWN).map((city, place) => {
      const option = document.createElement("li");
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.id = `city-option-${place}`;
      option.dataset.value = city.value;
      option.append(city.name);
      make("span", {}, option).textContent = city.shown;
      return option;
    }));
    mark(-1);
    open(true);
    say(found.length ? box.dataset.found.replace("{n}", number.format(found.length)) : box.dataset.none);
  };
  /** What is sent: a city and its province, or none of both. */
  const take = (city) => {
    if (city?.value === select.value) return;
    const value = city?.value ?? "";
    if (value) select.replaceChildren(select.options[0], new Option(city.name, value));
    select.value = value;
    province.value = city?.group ?? "";
    history.replaceState({ city: value }, "");
    input.dispatchEvent(new Event("focusout", { bubbles: true })); // for its tick
  };
  const choose = (city) => {
    take(city);
    input.value = city.name;
    open(false);
  };
  const named = () => {
    const bearers = all.filter((city) => [city.text, city.latin, folded(city.name)].includes(folded(input.value)));
    return bearers.length === 1 ? bearers[0] : undefined;
  };
  input.addEventListener("input", () => {
    take(undefined);
    draw(folded(input.value));
  });
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const last = list.children.length - 1;
    const move = (to) => {
      event.preventDefault();
      mark(to < 0 ? last : to > last ? 0 : to);
    };
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) draw(chosen() ? "" : folded(input.value));
      move(event.key === "ArrowDown" ? at + 1 : at < 0 ? list.children.length - 1 : at - 1);
    } else if (event.key === "Enter") {
      if (list.hidden) return;
      event.preventDefault(); // it chooses, and does not send the form
      if (at >= 0) choose(all.find((city) => city.value === list.children[at].dataset.value));
      else if (list.children.length === 1) choose(all.find((city) => city.value === list.firstChild.dataset.value));
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      open(false);
    }
  });
  input.addEventListener("blur", () => {
    open(false);
    if (!chosen() && named()) choose(named());
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(all.find((city) => city.value === option.dataset.value));
  });
  button.addEventListener("pointerdown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    input.focus();
    if (list.hidden) draw("");
    else open(false);
  });
  // A reload brings back by itself what the page held when it came, and no other city.
  const kept = all.find((city) => city.value === (select.value || history.state?.city));
  if (kept) {
    take(kept);
    input.value = kept.name;
  }
  document.querySelectorAll("[data-plain]").forEach((node) => node.remove());
  input.dispatchEvent(new Event("focusout", { bubbles: true }));
}

// ── all countries instead of the usual ones ──────────────────────────────────────────────────────────────────────────

async function countries(box) {
  const select = byId(box.dataset.countries);
  const list = await (await fetch(box.dataset.list)).json(); // without it the page's own button lists them
  const chosen = select.value;
  select.replaceChildren(...list.map(([code, name]) => new Option(name, code, false, code === chosen)));
  box.remove();
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

// The drawings open at the first of the fields that they explain; who closes them is not shown them again. The place of
// the field that has the focus is framed (static/css/identity.css).
function opens(drawings) {
  let opened = false;
  document.addEventListener("focusin", ({ target }) => {
    const [, place] = /-certificate_(number|series|serial)/.exec(target.name ?? "") ?? [];
    if (place) drawings.dataset.at = place;
    else if (!drawings.contains(target)) delete drawings.dataset.at;
    if (!place || opened) return;
    drawings.open = opened = true;
  });
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

// ── green ticks by the server's rules (iran/jalali.py, iran/names.py) ────────────────────────────────────────────────

const { digits, ticks } = window.portal;
const LEAP = [1, 5, 9, 13, 17, 22, 26, 30]; // of 33 years
const months = [...document.querySelectorAll("#months option")].map((option) => folded(option.value));
const [thisYear, thisMonth, thisDay] = today();

/** The present day in Tehran: year, month and day of the Solar Hijri calendar. */
function today() {
  const options = { timeZone: "Asia/Tehran", year: "numeric", month: "numeric", day: "numeric" };
  const parts = new Intl.DateTimeFormat("en-u-ca-persian-nu-latn", options).formatToParts(new Date());
  return ["year", "month", "day"].map((type) => Number(parts.find((part) => part.type === type).value));
}

const inDigits = (text, most) => (RegExp(`^[0-9]{1,${most}}$`).test(digits(text)) ? Number(digits(text)) : NaN);

function birthDate(day, month, year) {
  const [d, y] = [inDigits(day, 2), inDigits(year, 4)];
  const m = inDigits(month, 2) || months.indexOf(folded(month).replace(/ماه$/, "")) + 1;
  if (!(y >= 1280 && m >= 1 && m <= 12 && d >= 1)) return false;
  const days = m < 7 ? 31 : m < 12 || LEAP.includes(y % 33) ? 30 : 29;
  const future = y - thisYear || m - thisMonth || d - thisDay;
  return d <= days && future <= 0;
}

const name = (text) => /^[آ-غف-يپچژکگی][آ-غف-يًٌٍَُِّْپچژکگی\u200c\s]{0,49}$/.test(text.trim());
const filled = (text) => text.trim() !== "";
const RIGHT = {
  first_name: name,
  last_name: name,
  certificate_number: (text) => inDigits(text, 10) > 0,
  certificate_serial: (text) => inDigits(text, 6) >= 0,
  certificate_series_number: (text) => inDigits(text, 3) >= 0,
  birth_date: birthDate,
  country: filled,
  province: filled,
  city: () => filled(document.querySelector('select[name$="-city"]').value),
  foreign_city: name,
};

// A whole date that was put into one box, as the server takes it apart.
function whole(field) {
  const boxes = [...field.querySelectorAll("input")];
  field.addEventListener("change", ({ target }) => {
    if (boxes.some((box) => box !== target && box.value.trim())) return;
    const text = digits(target.value.replace(/[\s\-\u2010-\u2015]/g, "/"));
    const found = /^([0-9]{1,4})(?:[/.]+([0-9]{1,2})[/.]+|[/.]*([^0-9/.]+)[/.]*)([0-9]{1,4})$/.exec(text);
    if (!found || (found[1].length === 4) === (found[4].length === 4)) return;
    const parts = [found[1], found[2] ?? found[3], found[4]];
    if (found[1].length === 4) parts.reverse();
    boxes.forEach((box, at) => { box.value = parts[at]; });
  });
}

document.querySelectorAll('[data-field="birth_date"]').forEach(whole);
for (const field of all("[data-field]")) if (RIGHT[field.dataset.field]) ticks(field, RIGHT[field.dataset.field]);
all("[data-combobox]").forEach((box) => combobox(box).catch(() => {}));
all("[data-countries]").forEach((box) => countries(box).catch(() => {}));
all("[data-country]").forEach(byCountry);
all("[data-fill]").forEach(fill);
all("[data-opens]").forEach(opens);
