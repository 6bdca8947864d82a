// The page of the identity: the city, and a number that is the same as another one.

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

all("[data-filter]").forEach((box) => cities(box).catch(() => {}));
all("[data-country]").forEach(byCountry);
all("[data-fill]").forEach(fill);
