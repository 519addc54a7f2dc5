
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const find = (id) => document.getElementById(id);
for (const part of document.querySelectorAll(".with-script")) part.hidden = false;
for (const part of document.querySelectorAll(".without-script")) part.hidden = true;

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/* Every word of the query is there; a file name has "_" where people write "-" (PEP 427). */
function matches(words, query) {
  const plain = (text) => text.toLowerCase().replace(/[-_.]+/g, "-");
  const text = plain(words);
  return query.split(/\s+/).every((word) => text.includes(plain(word)));
}

function humanSize(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let step = 0;
  for (; bytes >= 999.5 && step < units.length - 1; step += 1) bytes /= 1000;
  const digits = step === 0 || bytes >= 99.95 ? 0 : bytes >= 9.995 ? 1 : 2;
  return `${bytes.toFixed(digits)} ${units[step]}`;
}

/* Where installers find an index, whose page lies at href. Of a folder on disk pip and uv take the folder itself. */
function address(href) {
  let there = new URL(href, location.href.split(/[?#]/)[0]).href;
  if (there.startsWith("file:")) there = there.replace(/[^/]*$/, "");
  there = there.replace(/[!$&'()*,;`]/g, (sign) => "%" + sign.charCodeAt(0).toString(16).toUpperCase());
  return /^[\w.\/:%~@+=-]+$/.test(there) ? there : `"${there}"`;
}

/* Each question is asked about what the answers before it leave: system, GPU, index, version. An answer stays as long
   as it is possible. No GPU is chosen before a person does it: the wrong one is gigabytes that do not run. */
const chosen = {
  system: /Windows/.test(navigator.userAgent) ? "Windows" : "Linux", target: null, index: 0, version: "",
  off: new Set(["devel", "profiler"]), products: new Map(),
};

const choiceIn = (release) => release.choices.find(({ target }) => target === chosen.target);
const ofSystem = () => data.releases.filter(({ system }) => system === chosen.system);
const ofGpu = () => ofSystem().filter((release) => chosen.target === null || choiceIn(release));
const ofIndex = () => ofGpu().filter(({ index }) => index === chosen.index);
const chosenRelease = () => ofIndex().find(({ version }) => version === chosen.version);
const different = (values) => [...new Set(values)];
const possible = (values, value) => values.includes(value) ? value : values[0];

function card(group, value, title, detail, checked, choose) {
  const radio = element("input", { type: "radio", name: group, value, checked });
  radio.addEventListener("change", choose);
  const words = [element("span", { className: "product", textContent: title })];
  if (detail) words.push(element("span", { className: "target", textContent: detail }));
  return element("label", {}, radio, element("span", {}, ...words));
}

function showSystems() {
  const systems = different(data.releases.map(({ system }) => system));
  chosen.system = possible(systems, chosen.system);
  find("system-choice").hidden = systems.every((name) => !name);
  find("systems").replaceChildren(...systems.map((name) =>
    card("system", name, name, "", name === chosen.system, () => { chosen.system = name; showGpus(); })));
  showGpus();
}

/* The GPUs of all versions, each as the first that has it calls it. */
function gpus() {
  const found = new Map();
  for (const { choices } of ofSystem())
    for (const choice of choices) if (!found.has(choice.target)) found.set(choice.target, choice);
  return [...found.values()];
}

function showGpus() {
  const all = gpus();
  if (!all.some(({ target }) => target === chosen.target)) chosen.target = all.length === 1 ? all[0].target : null;
  find("gpu-choice").hidden = all.length < 2;
  find("gpus").replaceChildren(...all.map(({ target, product, family }) => {
    const detail = different([target, family]).filter((word) => word && word !== product).join(" · ");
    return card("gpu", target, product, detail, target === chosen.target, () => chooseGpu(target));
  }));
  filterGpus();
  showIndexes();
}

function chooseGpu(target) {
  chosen.target = target;
  for (const radio of find("gpus").querySelectorAll("input")) radio.checked = radio.value === target;
  showIndexes();
}

function filterGpus() {
  const query = find("gpu-filter").value.trim();
  const all = gpus();
  const labels = [...find("gpus").children];
  labels.forEach((label, number) => {
    const { product, target, family, words } = all[number];
    label.hidden = !matches([product, target, family, ...words].join(" "), query);
  });
  const shown = all.filter((_, number) => !labels[number].hidden);
  find("no-gpu").hidden = shown.length > 0;
  if (shown.length === 1) chooseGpu(shown[0].target);
}

function showIndexes() {
  const indexes = different(ofGpu().map(({ index }) => index));
  chosen.index = possible(indexes, chosen.index);
  find("index-choice").hidden = data.indexes.length < 2;
  find("indexes").replaceChildren(...indexes.map((number) => {
    const newest = ofGpu().find(({ index }) => index === number).version;
    return card("index", number, data.indexes[number].name, newest, number === chosen.index,
      () => { chosen.index = number; showVersions(); });
  }));
  showVersions();
}

function showVersions() {
  const versions = different(ofIndex().map(({ version }) => version));
  chosen.version = possible(versions, chosen.version);
  find("version-choice").hidden = versions.length < 2;
  find("version").replaceChildren(...versions.map((version) =>
    element("option", { value: version, textContent: version, selected: version === chosen.version })));
  showParts();
}

function chosenParts() {
  const release = chosenRelease();
  return release.parts[choiceIn(release)?.parts];
}

function showParts() {
  const parts = chosenParts();
  find("chosen").hidden = !parts;
  find("not-chosen").hidden = Boolean(parts);
  if (!parts) return;
  find("parts").replaceChildren(...parts.map((part) => {
    const box = element("input", { type: "checkbox", value: part.package, checked: !chosen.off.has(part.package) });
    box.addEventListener("change", () => {
      if (box.checked) chosen.off.delete(part.package); else chosen.off.add(part.package);
      showCommands();
    });
    return element("label", {}, box, element("span", { textContent: part.label }));
  }));
  showProducts();
  showCommands();
}

/* Projects of others that the index has, in the versions that go with the chosen one of ROCm. */
function products() {
  return data.indexes[chosen.index].products.map(({ name, versions }) => ({
    name, versions: versions.filter(({ fits }) => !fits || fits.includes(chosen.version)).map(({ version }) => version),
  })).filter(({ versions }) => versions.length);
}

function showProducts() {
  find("product-choice").hidden = products().length === 0;
  find("products").replaceChildren(...products().map(({ name, versions }) => {
    const version = possible(versions, chosen.products.get(name));
    const box = element("input", { type: "checkbox", value: name, checked: chosen.products.has(name) });
    const list = element("select", { ariaLabel: `Version of ${name}` }, ...versions.map((text) =>
      element("option", { value: text, textContent: text, selected: text === version })));
    for (const one of [box, list]) one.addEventListener("change", () => {
      if (box.checked) chosen.products.set(name, list.value); else chosen.products.delete(name);
      showCommands();
    });
    return element("div", { className: "product" }, element("label", {}, box, element("span", { textContent: name })), list);
  }));
}

function chosenProducts() {
  return [...find("products").children].filter((row) => row.querySelector("input").checked).map((row) =>
    `${row.querySelector("input").value}==${row.querySelector("select").value}`);
}

function showCommands() {
  const release = chosenRelease();
  const { href, sizes } = data.indexes[release.index];
  const parts = chosenParts().filter((part) => !chosen.off.has(part.package));
  const extras = parts.flatMap((part) => part.extras);
  const what = release.meta
    ? [release.meta + (extras.length ? `[${extras.join(",")}]` : "")]
    : parts.flatMap((part) => part.distributions);
  const others = chosenProducts();
  const names = [...what.map((name) => `${name}==${release.version}`), ...others].map((name) => `"${name}"`).join(" ");
  const rest = `install ${others.length ? "" : "--no-index "}--find-links ${address(href)} ${names}`;
  find("pip").textContent = `pip ${rest}`;
  find("uv").textContent = `uv pip ${rest}`;
  const files = new Set([...release.files, ...parts.flatMap((part) => part.files)]);
  const sum = (column) => [...files].reduce((total, name) => total + sizes[name][column], 0);
  find("weight").textContent = `Downloads ${humanSize(sum(0))}, takes ${humanSize(sum(1))} installed.`;
}

async function copy(button) {
  const source = find(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(source.textContent);
  } catch {
    getSelection().selectAllChildren(source);
    if (!document.execCommand("copy")) return;
    getSelection().removeAllRanges();
  }
  button.textContent = "Copied";
  find("status").textContent = `The ${button.dataset.copy} command was copied.`;
  setTimeout(() => { button.textContent = "Copy"; find("status").textContent = ""; }, 2000);
}

function filterFiles() {
  const query = find("filter").value.trim();
  let shown = 0, total = 0;
  for (const body of document.querySelectorAll("#files tbody")) {
    let here = 0;
    for (const row of body.querySelectorAll("tr.file")) {
      row.hidden = !matches(`${row.dataset.words ?? ""} ${row.textContent}`, query);
      here += !row.hidden;
      total += 1;
    }
    body.hidden = here === 0;
    shown += here;
  }
  find("count").textContent = query ? `${shown} of ${total} ${find("count").dataset.unit}` : "";
}

if (data.releases.length) {
  const wanted = decodeURIComponent(location.hash.slice(1));
  showSystems();
  find("version").addEventListener("change", () => { chosen.version = find("version").value; showParts(); });
  find("gpu-filter").addEventListener("input", filterGpus);
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
  const named = gpus().find(({ target, family }) => wanted === target || wanted === family);
  if (wanted && named) chooseGpu(named.target);
}
find("filter").addEventListener("input", filterFiles);
