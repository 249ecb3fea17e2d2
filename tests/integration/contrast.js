// Gives every visible text whose contrast with what lies behind it is below WCAG 2.2, 1.4.3, level AA.
const channel = (v) => ((v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const pen = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
const rgba = (css) => {
  pen.clearRect(0, 0, 1, 1);
  pen.fillStyle = css;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = pen.getImageData(0, 0, 1, 1).data;
  return [r, g, b, a / 255];
};
const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const behind = (element) => {
  const stack = [];
  for (let one = element; one; one = one.parentElement) stack.push(getComputedStyle(one).backgroundColor);
  return stack.reverse().reduce((under, css) => over(rgba(css), under), [255, 255, 255, 1]);
};
const opacity = (element) => {
  let found = 1;
  for (let one = element; one; one = one.parentElement) found *= Number(getComputedStyle(one).opacity);
  return found;
};
const bad = [];
const check = (element, css, text) => {
  const box = element.getBoundingClientRect();
  if (!box.width || !box.height || element.closest("[hidden], :disabled, .hidden") || !element.checkVisibility()) return;
  const style = getComputedStyle(element);
  const ground = behind(element);
  const [r, g, b, a] = rgba(css);
  const [x, y] = [light(over([r, g, b, a * opacity(element)], ground)), light(ground)];
  const ratio = (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  const size = parseFloat(style.fontSize);
  const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
  if (ratio < (large ? 3 : 4.5)) bad.push(`${element.tagName}#${element.id}.${element.className}: ${text.slice(0, 20)}: ${ratio.toFixed(2)}`);
};
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const { parentElement: element, textContent } = walk.currentNode;
  if (!textContent.trim()) continue;
  const style = getComputedStyle(element);
  check(element, element instanceof SVGElement ? style.fill : style.color, textContent);
}
for (const element of document.querySelectorAll("[placeholder]"))
  if (element.placeholder) check(element, getComputedStyle(element, "::placeholder").color, element.placeholder);
return bad;
