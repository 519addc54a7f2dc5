"""Pages in a browser: GPUs that they offer, and texts that are hard to read."""

from __future__ import annotations

from tools.dist.choices import Gpu

GPUS = (
    Gpu(target="gfx942", product="MI300A/MI300X CDNA", families=("dcgpu-all", "gfx94X-all", "gfx94X-dcgpu")),
    Gpu(target="gfx1200", product="AMD RX 9060 / XT", families=("dgpu-all", "gfx120X-all")),
    Gpu(target="gfx1201", product="AMD RX 9070 / XT", families=("dgpu-all", "gfx120X-all")),
)


LOW_CONTRAST = """(() => {
  const channels = (color) => color.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    for (let here = element; here; here = here.parentElement) {
      const color = channels(getComputedStyle(here).backgroundColor);
      if (color.length < 4 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.offsetParent || element.closest("script, style")) continue;
    const [a, b] = [channels(getComputedStyle(element).color), behind(element)].map(light);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.push(`${element.tagName} ${element.className}: ${ratio.toFixed(2)}`);
  }
  return low;
})()"""
