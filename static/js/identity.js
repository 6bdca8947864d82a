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
  city: filled,
  foreign_city: name,
};

// A whole date that was pasted into one box, as the server takes it apart.
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
all("[data-filter]").forEach((box) => cities(box).catch(() => {}));
all("[data-country]").forEach(byCountry);
all("[data-fill]").forEach(fill);
