
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

/* Where installers find this page. Of a folder on disk pip and uv take the folder itself. */
function address() {
  let here = location.href.split(/[?#]/)[0];
  if (location.protocol === "file:") here = here.replace(/[^/]*$/, "");
  here = here.replace(/[!$&'()*,;`]/g, (sign) => "%" + sign.charCodeAt(0).toString(16).toUpperCase());
  return /^[\w.\/:%~@+=-]+$/.test(here) ? here : `"${here}"`;
}

/* No GPU is chosen before a person does it: the wrong one is gigabytes that do not run. */
const chosen = { release: 0, choice: -1, off: new Set(["devel", "profiler"]) };

function choose(number) {
  chosen.choice = number;
  const radios = find("gpus").querySelectorAll("input");
  if (number >= 0) radios[number].checked = true;
  showParts();
}

function showGpus(wanted) {
  const { choices } = data.releases[chosen.release];
  find("gpus").replaceChildren(...choices.map((choice, number) => {
    const radio = element("input", { type: "radio", name: "gpu", value: choice.target });
    radio.addEventListener("change", () => choose(number));
    const detail = [...new Set([choice.target, choice.family])].filter((word) => word && word !== choice.product);
    return element("label", {}, radio, element("span", {},
      element("span", { className: "product", textContent: choice.product }),
      element("span", { className: "target", textContent: detail.join(" · ") })));
  }));
  choose(choices.length === 1 ? 0 : choices.findIndex(({ target, family }) => wanted === target || wanted === family));
  filterGpus();
}

function filterGpus() {
  const query = find("gpu-filter").value.trim();
  const choices = data.releases[chosen.release].choices;
  const labels = [...find("gpus").children];
  labels.forEach((label, number) => {
    const { product, target, family, words } = choices[number];
    label.hidden = !matches([product, target, family, ...words].join(" "), query);
  });
  const shown = labels.filter((label) => !label.hidden);
  find("no-gpu").hidden = shown.length > 0;
  if (shown.length === 1) choose(labels.indexOf(shown[0]));
}

function chosenParts() {
  const { choices, parts } = data.releases[chosen.release];
  return parts[choices[chosen.choice]?.parts];
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
  showCommands();
}

/* Projects of others that this page has: each with the version that is chosen, in the order of their names. */
function showProducts() {
  find("product-choice").hidden = data.products.length === 0;
  find("products").replaceChildren(...data.products.map(({ name, versions }) => {
    const box = element("input", { type: "checkbox", value: name });
    const list = element("select", { ariaLabel: `Version of ${name}` }, ...versions.map((version) =>
      element("option", { value: version, textContent: version })));
    for (const one of [box, list]) one.addEventListener("change", showCommands);
    return element("div", { className: "product" }, element("label", {}, box, element("span", { textContent: name })), list);
  }));
}

function chosenProducts() {
  return [...find("products").children].filter((row) => row.querySelector("input").checked).map((row) =>
    `${row.querySelector("input").value}==${row.querySelector("select").value}`);
}

function showCommands() {
  const release = data.releases[chosen.release];
  const parts = chosenParts().filter((part) => !chosen.off.has(part.package));
  const extras = parts.flatMap((part) => part.extras);
  const what = release.meta
    ? [release.meta + (extras.length ? `[${extras.join(",")}]` : "")]
    : parts.flatMap((part) => part.distributions);
  const products = chosenProducts();
  const names = [...what.map((name) => `${name}==${release.version}`), ...products].map((name) => `"${name}"`).join(" ");
  const rest = `install ${products.length ? "" : "--no-index "}--find-links ${address()} ${names}`;
  find("pip").textContent = `pip ${rest}`;
  find("uv").textContent = `uv pip ${rest}`;
  const files = new Set([...release.files, ...parts.flatMap((part) => part.files)]);
  const sum = (column) => [...files].reduce((total, name) => total + data.sizes[name][column], 0);
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
  for (const body of document.querySelectorAll("tbody")) {
    let here = 0;
    for (const row of body.querySelectorAll("tr.file")) {
      row.hidden = !matches(row.textContent, query);
      here += !row.hidden;
      total += 1;
    }
    body.hidden = here === 0;
    shown += here;
  }
  find("count").textContent = query ? `${shown} of ${total} files` : "";
}

/* The release of the chosen version for a system, else of the newest version that has wheels for it. */
function chooseRelease(version, system) {
  const before = data.releases[chosen.release].choices[chosen.choice];
  const wanted = data.releases.findIndex((release) => release.version === version && release.system === system);
  const other = data.releases.findIndex((release) => release.version === version);
  chosen.release = wanted >= 0 ? wanted : other;
  showSystems();
  showGpus(before?.target);
}

function showSystems() {
  const { version, system } = data.releases[chosen.release];
  const systems = data.releases.filter((release) => release.version === version).map((release) => release.system);
  find("system-choice").hidden = systems.every((name) => !name);
  find("systems").replaceChildren(...systems.map((name) => {
    const radio = element("input", { type: "radio", name: "system", value: name, checked: name === system });
    radio.addEventListener("change", () => chooseRelease(version, name));
    return element("label", {}, radio, element("span", {}, element("span", { className: "product", textContent: name })));
  }));
}

if (data.releases.length) {
  const versions = [...new Set(data.releases.map((release) => release.version))];
  find("version").replaceChildren(...versions.map((version) => element("option", { value: version, textContent: version })));
  find("version-choice").hidden = versions.length < 2;
  find("version").addEventListener("change", () =>
    chooseRelease(find("version").value, data.releases[chosen.release].system));
  const here = /Windows/.test(navigator.userAgent) ? "Windows" : "Linux";
  chosen.release = Math.max(0, data.releases.findIndex(({ version, system }) => version === versions[0] && system === here));
  showSystems();
  find("gpu-choice").hidden = data.releases.every((release) => release.choices.length < 2);
  find("gpu-filter").addEventListener("input", filterGpus);
  showProducts();
  for (const button of document.querySelectorAll("[data-copy]")) button.addEventListener("click", () => copy(button));
  showGpus(decodeURIComponent(location.hash.slice(1)));
}
find("filter").addEventListener("input", filterFiles);
