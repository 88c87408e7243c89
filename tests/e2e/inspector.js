// Describes a page without its words, which is what the rules of WCAG judge it by, apart from whether there are
// any; and asks axe about those parts only that are of no shape judged before.
"use strict";

window.inspector ??= (() => {
  const kept = ["class", "role", "type", "scope", "lang", "tabindex", "autocomplete", "style", "fill", "stroke",
                "open", "aria-sort", "aria-current", "aria-invalid", "aria-live", "aria-hidden"];
  const refers = ["for", "aria-describedby", "aria-labelledby", "aria-controls"];
  const rows = ["TR", "LI", "OPTION"];
  const SMALL = 3;
  let blocks;

  const hash = (text) => {
    let one = 0xdeadbeef, other = 0x41c6ce57;
    for (let place = 0; place < text.length; place += 1) {
      const code = text.charCodeAt(place);
      one = Math.imul(one ^ code, 2654435761);
      other = Math.imul(other ^ code, 1597334677);
    }
    return `${(one >>> 0).toString(36)}${(other >>> 0).toString(36)}`;
  };

  const attribute = ({ name, value }) => {
    if (kept.includes(name)) return `${name}=${value}`;
    if (refers.includes(name)) return `${name}=${value.trim().split(/\s+/).every((id) => document.getElementById(id))}`;
    return value.trim() ? name : `${name}=`;
  };

  // A row of the same shape as one before it counts once; what else is alike counts each time.
  const describe = (one) => {
    const attributes = [...one.attributes].map(attribute).sort().join(" ");
    const words = [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim());
    const seen = new Set();
    let size = 1, parts = "";
    for (const child of one.children) {
      const part = describe(child);
      size += part.size;
      const again = seen.has(part.shape) && rows.includes(child.tagName);
      seen.add(part.shape);
      if (again) blocks.push([null, child]);
      else parts += part.shape;
    }
    const shape = hash(`${one.tagName} ${attributes} ${one.labels?.length ?? ""} ${words} ${parts}`);
    if (size >= SMALL && one.tagName !== "HTML" && one.tagName !== "BODY") blocks.push([shape, one]);
    return { shape, size };
  };

  return {
    look() {
      blocks = [];
      const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
      const { shape } = describe(document.documentElement);
      return {
        shape,
        blocks: [...new Set(blocks.map(([block]) => block).filter(Boolean))],
        twice: ids.filter((id, place) => ids.indexOf(id) !== place),
      };
    },
    async judge(judged, options) {
      const known = new Set(judged);
      document.querySelectorAll("[data-judged]").forEach((one) => one.removeAttribute("data-judged"));
      blocks.forEach(([block, one]) => { if (!block || known.has(block)) one.setAttribute("data-judged", ""); });
      const { violations } = await axe.run({ exclude: [["[data-judged]"]] }, options);
      return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
    },
  };
})();
