"use strict";

// Files are numbers: arrays hold what is known of each. Only folders, and what is drawn, are objects.
const COLOURS = {
  "libraries": "#2f6db5", "device code": "#b3471e", "static libraries": "#7a4fa3", "headers": "#2e7d4f",
  "programs": "#8a6d1a", "Python": "#1f7f8c", "CMake and pkg-config": "#5d7a1f", "metadata": "#6a7280", "other": "#7d4a5c",
};
const MERGED = "#4c5563";
const LEVELS = 4; // of folders that are drawn at a time
const SMALLEST = 1 / 4000; // of the view; what is below is merged
const LEAST = 200; // items of the folder in view that are drawn however small they are
const MOST_ROWS = 200; // of the table beside the map
const MOST_FOUND = 50;

const element = (id) => document.getElementById(id);
const escaped = (text) => echarts.format.encodeHTML(text);

function human(bytes) {
  let value = bytes;
  for (const unit of ["bytes", "kB", "MB", "GB", "TB"]) {
    if (value < 999.5 || unit === "TB") {
      return unit === "bytes" ? `${value} bytes` : `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)} ${unit}`;
    }
    value /= 1000;
  }
}

function bytesOf(base64) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(base64); // of browsers since 2025
  const binary = atob(base64);
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at++) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

async function unpacked(text) {
  const stream = new Blob([bytesOf(text)]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function makeNode(name, parent) {
  const node = { name, parent, folders: [], files: [], sizes: 0, packed: 0, count: 0, byKind: {} };
  if (parent) parent.folders.push(node);
  return node;
}

function addUp(node) {
  for (const folder of node.folders) {
    addUp(folder);
    for (const key of ["sizes", "packed", "count"]) node[key] += folder[key];
    for (const kind in folder.byKind) node.byKind[kind] = (node.byKind[kind] || 0) + folder.byKind[kind];
  }
  for (const file of node.files) {
    node.sizes += sizes[file];
    node.packed += packed[file];
    const kind = groups[group[file]][0];
    node.byKind[kind] = (node.byKind[kind] || 0) + packed[file];
  }
  node.count += node.files.length;
}

function mainKind(node) {
  let best = "other", most = -1;
  for (const kind in node.byKind) if (node.byKind[kind] > most) [best, most] = [kind, node.byKind[kind]];
  return best;
}

let names, sizes, packed, group, groups, folderOf, folderNames, wheelOf, wheelNames;
let byFolder, byKind, here, measure = "packed", map;
let items = []; // of the map; ECharts copies what it is given, so it gets their numbers

// Wheels, their folders, and files in these; a folder's path is split at its slashes.
function readWheels(data) {
  groups = data.groups;
  wheelNames = data.wheels.map((wheel) => wheel.name);
  names = [].concat(...data.wheels.map((wheel) => wheel.names.split("\0")));
  const total = names.length;
  sizes = new Float64Array(total); packed = new Float64Array(total);
  group = new Uint16Array(total); folderOf = new Int32Array(total); wheelOf = new Uint16Array(total);
  folderNames = [];
  byFolder = makeNode("all wheels", null);
  let file = 0;
  data.wheels.forEach((wheel, number) => {
    sizes.set(wheel.sizes, file); packed.set(wheel.packed, file); group.set(wheel.groups, file);
    const top = makeNode(wheel.name, byFolder);
    const known = new Map([["", top]]);
    wheel.folders.forEach((path, place) => {
      const node = folderAt(path, known);
      for (let left = wheel.counts[place]; left > 0; left--, file++) {
        folderOf[file] = folderNames.length; wheelOf[file] = number; node.files.push(file);
      }
      folderNames.push({ path, node });
    });
  });
  addUp(byFolder);
}

function folderAt(path, known) {
  let node = known.get(path);
  if (!node) {
    const cut = path.lastIndexOf("/");
    node = makeNode(path.slice(cut + 1), folderAt(cut < 0 ? "" : path.slice(0, cut), known));
    known.set(path, node);
  }
  return node;
}

function readKinds() {
  byKind = makeNode("all kinds", null);
  const known = new Map();
  const under = (parent, key, name) => {
    let node = known.get(key);
    if (!node) known.set(key, node = makeNode(name, parent));
    return node;
  };
  for (let file = 0; file < names.length; file++) {
    const [kind, target] = groups[group[file]];
    let node = under(byKind, kind, kind);
    if (target) node = under(node, `${kind}\0${target}`, target);
    node = under(node, `${kind}\0${target}\0${wheelOf[file]}`, wheelNames[wheelOf[file]]);
    under(node, `${group[file]}\0${folderOf[file]}`, folderNames[folderOf[file]].path || "/").files.push(file);
  }
  addUp(byKind);
}

const amount = (file) => (measure === "packed" ? packed : sizes)[file];

// What is in a node, the largest first.
function everything(node) {
  const found = node.folders.map((folder) => ({ node: folder, value: folder[measure] }));
  for (const file of node.files) found.push({ file, value: amount(file) });
  return found.sort((one, other) => other.value - one.value);
}

// The same with one item in place of all that is smaller than `limit`, except that `least` items are shown anyway.
function inside(node, limit, least) {
  const large = [], small = [];
  for (const folder of node.folders) {
    const item = { node: folder, value: folder[measure] };
    (item.value >= limit ? large : small).push(item);
  }
  for (const file of node.files) {
    const value = amount(file);
    if (value >= limit) large.push({ file, value });
    else if (value) small.push({ file, value });
  }
  if (large.length < least) {
    small.sort((one, other) => other.value - one.value);
    large.push(...small.splice(0, least - large.length));
  }
  large.sort((one, other) => other.value - one.value);
  if (small.length) large.push(merged(node, small));
  return large;
}

function merged(node, items) {
  const rest = { folders: [], files: [], count: 0 };
  let value = 0;
  for (const item of items) {
    value += item.value;
    rest.count += item.node ? item.node.count : 1;
    if (item.node) rest.folders.push(item.node); else rest.files.push(item.file);
  }
  return { rest, value, of: node };
}

function restNode(item) {
  const node = makeNode(`${item.rest.count.toLocaleString("en")} smaller`, null);
  node.parent = item.of; // a way back, but no part of it
  node.files = item.rest.files;
  for (const folder of item.rest.folders) node.folders.push(folder);
  for (const folder of node.folders) {
    node.sizes += folder.sizes; node.packed += folder.packed; node.count += folder.count;
  }
  for (const file of node.files) { node.sizes += sizes[file]; node.packed += packed[file]; }
  node.count += node.files.length;
  return node;
}

const number = (item) => items.push(item) - 1;

function drawn(node, level, limit) {
  return inside(node, limit, level === 1 ? LEAST : 0).filter((item) => item.value > 0).map((item) => {
    if (item.rest) {
      const name = `${item.rest.count.toLocaleString("en")} smaller`;
      return { name, value: item.value, item: number(item), itemStyle: { color: MERGED } };
    }
    if (item.file !== undefined) {
      const colour = COLOURS[groups[group[item.file]][0]];
      return { name: names[item.file], value: item.value, item: number(item), itemStyle: { color: colour } };
    }
    const entry = { name: item.node.name, value: item.value, item: number(item), itemStyle: { color: COLOURS[mainKind(item.node)] } };
    if (level < LEVELS) entry.children = drawn(item.node, level + 1, limit);
    return entry;
  });
}

function style() {
  const read = getComputedStyle(document.documentElement);
  const [ink, card, line] = ["--ink", "--card", "--line"].map((name) => read.getPropertyValue(name).trim());
  return { ink, card, line };
}

function tooltip({ ink, card, line }) {
  return { confine: true, backgroundColor: card, borderColor: line, textStyle: { color: ink }, extraCssText: "max-width:30rem;white-space:normal;overflow-wrap:anywhere" };
}

function drawMap() {
  const look = style();
  const limit = here[measure] * SMALLEST;
  items = [];
  map.setOption({
    animation: false,
    tooltip: {
      ...tooltip(look),
      formatter: ({ data, name, value }) => data && data.item !== undefined ? `${escaped(name)}<br>${human(value)}, ${(100 * value / here[measure]).toFixed(1)} %` : "",
    },
    series: [{
      type: "treemap", left: 0, top: 0, right: 0, bottom: 0, roam: false, nodeClick: false, breadcrumb: { show: false },
      data: drawn(here, 1, limit), visibleMin: 1, squareRatio: 1,
      label: { show: true, color: "#fff", lineHeight: 16, overflow: "truncate", formatter: ({ name, value }) => `${name}\n${human(value)}` },
      upperLabel: { show: true, height: 18, color: look.ink, overflow: "truncate", formatter: ({ name, value }) => `${name}, ${human(value)}` },
      itemStyle: { borderColor: look.card, borderWidth: 0, gapWidth: 1 },
      levels: [
        { upperLabel: { show: false }, itemStyle: { borderColor: look.card, borderWidth: 0, gapWidth: 3 } },
        ...Array.from({ length: LEVELS }, () => ({ itemStyle: { borderColor: look.line, borderWidth: 1, gapWidth: 1 } })),
      ],
    }],
  }, true);
}

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function open(item) {
  if (item.node) show(item.node);
  else if (item.rest) show(restNode(item));
  else tell(item.file);
}

function pathOf(file) {
  const folder = folderNames[folderOf[file]].path;
  return folder ? `${folder}/${names[file]}` : names[file];
}

function tell(file) {
  const [kind, target] = groups[group[file]];
  element("chosen").textContent = `${wheelNames[wheelOf[file]]}: ${pathOf(file)}, ${human(sizes[file])} installed, ${human(packed[file])} compressed, ${kind}${target ? " " + target : ""}`;
}

function drawWay() {
  const way = element("way"), steps = [];
  for (let node = here; node; node = node.parent) steps.unshift(node);
  way.replaceChildren();
  steps.forEach((node, number) => {
    if (number) way.append("/");
    if (node === here) {
      const last = document.createElement("span");
      last.textContent = node.name;
      last.setAttribute("aria-current", "location");
      way.append(last);
    } else way.append(button(node.name, () => show(node)));
  });
}

function drawTable() {
  const body = document.querySelector("#inside tbody");
  const found = everything(here);
  const rows = found.slice(0, MOST_ROWS).map((item) => {
    const row = document.createElement("tr");
    const node = item.node;
    const first = row.insertCell();
    first.append(button(node ? node.name : names[item.file], () => open(item)));
    const values = node ? [node.sizes, node.packed] : [sizes[item.file], packed[item.file]];
    for (const text of [...values.map(human), node ? node.count.toLocaleString("en") : ""]) {
      const cell = row.insertCell();
      cell.className = "number";
      cell.textContent = text;
    }
    return row;
  });
  if (found.length > MOST_ROWS) {
    const row = document.createElement("tr");
    row.insertCell().textContent = `and ${(found.length - MOST_ROWS).toLocaleString("en")} smaller`;
    rows.push(row);
  }
  body.replaceChildren(...rows);
}

function show(node) {
  here = node;
  element("chosen").textContent = `${human(node.sizes)} installed, ${human(node.packed)} compressed, ${node.count.toLocaleString("en")} files`;
  drawWay();
  drawMap();
  drawTable();
}

function find() {
  const words = element("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const list = element("found");
  list.replaceChildren();
  list.hidden = !words.length;
  element("count").textContent = "";
  if (!words.length) return;
  const lower = folderNames.map(({ path }) => path.toLowerCase());
  const found = [];
  for (let file = 0; file < names.length; file++) {
    const name = names[file].toLowerCase(), folder = lower[folderOf[file]];
    if (words.every((word) => name.includes(word) || folder.includes(word))) found.push(file);
  }
  found.sort((one, other) => amount(other) - amount(one));
  element("count").textContent = `${found.length.toLocaleString("en")} file${found.length === 1 ? "" : "s"}${found.length > MOST_FOUND ? `, the largest ${MOST_FOUND} here` : ""}`;
  for (const file of found.slice(0, MOST_FOUND)) {
    const line = document.createElement("li");
    line.append(button(`${pathOf(file)}`, () => { showFile(file); }), ` ${human(amount(file))}, ${wheelNames[wheelOf[file]]}`);
    list.append(line);
  }
}

function showFile(file) {
  element("order").value = "folders";
  show(folderNames[folderOf[file]].node);
  tell(file);
}

function drawGantt(run) {
  const place = element("gantt"), look = style();
  const left = matchMedia("(max-width: 40rem)").matches ? 76 : 130;
  place.style.height = `${run.lanes.length * 20 + 110}px`;
  const chart = echarts.getInstanceByDom(place) || echarts.init(place);
  const colours = { task: COLOURS.libraries, wait: "#9aa3ae", job: COLOURS.headers, pool: COLOURS["device code"], doit: COLOURS.metadata };
  chart.resize();
  chart.setOption({
    animation: false,
    legend: { show: false },
    tooltip: { ...tooltip(look), formatter: ({ value }) => `${escaped(value[3])}<br>${(value[2] / 1000).toFixed(3)} s from ${(value[1] / 1000).toFixed(3)} s` },
    grid: { left, right: 16, top: 8, bottom: 70 },
    dataZoom: [{ type: "inside", filterMode: "weakFilter" }, { type: "slider", filterMode: "weakFilter", bottom: 8, height: 22, labelFormatter: (value) => `${(value / 1000).toFixed(1)} s` }],
    xAxis: { type: "value", axisLabel: { color: look.ink, formatter: (value) => `${value / 1000} s` }, splitLine: { lineStyle: { color: look.line } } },
    yAxis: { type: "category", inverse: true, data: run.lanes, axisLabel: { color: look.ink, interval: 0, width: left - 10, overflow: "truncate" }, axisTick: { show: false } },
    series: [{
      type: "custom", encode: { x: [1], y: 0 }, data: run.activities.map((one) => ({ value: one, itemStyle: { color: colours[one[4]] || COLOURS.other } })),
      renderItem: (parameters, api) => {
        const [x, y] = api.coord([api.value(1), api.value(0)]);
        const [end] = api.coord([api.value(1) + api.value(2), api.value(0)]);
        const box = parameters.coordSys;
        const from = Math.max(x, box.x), to = Math.min(Math.max(end, x + 1), box.x + box.width);
        return to > from && { type: "rect", shape: { x: from, y: y - 7, width: to - from, height: 14 }, style: api.style() };
      },
    }],
  }, true);
  return chart;
}

function drawLegend() {
  const used = new Set(groups.map(([kind]) => kind));
  const entries = Object.entries(COLOURS).filter(([kind]) => used.has(kind));
  element("legend").replaceChildren(...[...entries, ["smaller ones together", MERGED]].map(([kind, colour]) => {
    const line = document.createElement("li"), box = document.createElement("i");
    box.style.background = colour;
    line.append(box, kind);
    return line;
  }));
}

async function begin() {
  const data = await unpacked(element("data").textContent);
  readWheels(data);
  element("interactive").hidden = false;
  map = echarts.init(element("treemap"));
  map.on("click", ({ data: entry }) => { if (entry && entry.item !== undefined) open(items[entry.item]); });
  map.on("finished", () => { document.documentElement.dataset.drawn ||= Math.round(performance.now()); }); // ms since the page was asked for
  drawLegend();
  show(byFolder);
  const run = data.run;
  const charts = [map, ...(run ? [drawGantt(run)] : [])];
  element("order").addEventListener("change", () => {
    if (element("order").value === "kinds" && !byKind) readKinds();
    show(element("order").value === "kinds" ? byKind : byFolder);
  });
  element("measure").addEventListener("change", () => { measure = element("measure").value; show(here); });
  let pause;
  element("find").addEventListener("input", () => { clearTimeout(pause); pause = setTimeout(find, 150); });
  addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { drawMap(); if (run) drawGantt(run); });
}

begin();
