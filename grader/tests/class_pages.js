// Opens pages of a graded class in Chromium, without a network, and prints as JSON what is seen there.
// node class_pages.js BROWSER DIR PAGE...: every PAGE in three widths and both colour schemes; then
// the first one by keyboard only, as the instructor's page.
const {chromium} = require(require("path").resolve(__dirname, "../../slides/node_modules/playwright-core"));
const {pathToFileURL} = require("url");
const [executablePath, directory, ...pages] = process.argv.slice(2);
const quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync"];

// Runs in the page: the lowest contrast of any text with what it stands on (WCAG 2, 1.4.3).
function contrast() {
  const parse = text => text.match(/[\d.]+/g).map(Number);
  const light = ([red, green, blue]) => [red, green, blue].map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length < 4 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const worst = {ratio: 21, text: ""}, seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement, style = getComputedStyle(element);
    if (!walker.currentNode.data.trim() || element.closest("script, style")) continue;
    const front = parse(element.namespaceURI.endsWith("svg") ? style.fill : style.color), back = behind(element);
    if (seen.has(`${front}/${back}`)) continue;
    seen.add(`${front}/${back}`);
    const [dark, bright] = [light(front), light(back)].sort((one, other) => one - other);
    const ratio = (bright + 0.05) / (dark + 0.05);
    if (ratio < worst.ratio) Object.assign(worst, {ratio, text: walker.currentNode.data.trim().slice(0, 60)});
  }
  return worst;
}

// Runs in the page: what does not depend on width or colours.
function structure() {
  return {
    lang: document.documentElement.lang, title: document.title, alerted: window.alerted ?? false,
    background: getComputedStyle(document.body).backgroundColor,
    headings: [...document.querySelectorAll("h1,h2,h3,h4")].map(head => Number(head.localName[1])),
    unscoped: document.querySelectorAll("th:not([scope])").length,
    scripts: document.scripts.length,
    links: [...document.links].map(link => link.href),
    dead: [...document.querySelectorAll('a[href^="#"]')].map(link => link.hash.slice(1))
      .filter(id => !document.getElementById(decodeURIComponent(id))),
    overflow: document.documentElement.scrollWidth - innerWidth,
  };
}

async function look(browser, page) {
  const errors = [], requests = [], looks = [];
  const tab = await browser.newPage({offline: true});
  await tab.addInitScript(() => { window.alert = () => { window.alerted = true; }; });
  tab.on("console", message => errors.push(message.text()));
  tab.on("pageerror", error => errors.push(error.message));
  tab.on("request", request => requests.push(request.url()));
  await tab.goto(pathToFileURL(`${directory}/${page}`).href);
  for (const width of [360, 768, 1400])
    for (const colorScheme of ["light", "dark"]) {
      await tab.setViewportSize({width, height: 800});
      await tab.emulateMedia({colorScheme});
      const seen = {...await tab.evaluate(structure), contrast: await tab.evaluate(contrast)};
      looks.push({page, width, colorScheme, errors, requests, ...seen});
    }
  await tab.close();
  return looks;
}

// Runs in the page: the table that the keyboard works on, as it stands now.
function table() {
  const section = document.querySelector(".sortable:not(#students)");
  const rows = [...section.querySelectorAll("tbody tr")].filter(row => !row.hidden);
  return {
    told: section.querySelector("output").textContent, live: section.querySelector("output").ariaLive,
    names: rows.map(row => row.cells[0].textContent.trim()),
    points: rows.map(row => row.cells[2].dataset.s), checks: rows.map(row => row.cells[3].className),
    sort: [...section.querySelectorAll("thead th")].map(head => head.ariaSort),
    ring: getComputedStyle(document.activeElement).outlineStyle,
  };
}

async function byKeyboard(browser) {
  const tab = await browser.newPage({offline: true}), seen = [];
  await tab.goto(pathToFileURL(`${directory}/${pages[0]}`).href);
  const press = async (...keys) => {
    for (const key of keys) await tab.keyboard.press(key);
    seen.push(await tab.evaluate(table));
  };
  await tab.focus(".sortable:not(#students) input");
  await tab.keyboard.type("student s1");
  await press("Tab");  // 0: only names with s1
  await tab.keyboard.press("Tab");
  await tab.keyboard.type("0");  // selects the first check, whose id begins so
  await press("Tab");  // 1: and of these who does not pass the first check
  await press("Enter");  // 2: everybody again
  await press("Tab", "Tab", "Tab", "Tab", "Enter");  // 3: by points
  await press("Enter");  // 4: the most first
  await press("Tab", "Space");  // 5: by the first check, who failed first
  await tab.close();
  return seen;
}

async function main() {
  const browser = await chromium.launch({executablePath, args: quiet});
  const looks = [];
  for (const page of pages) looks.push(...await look(browser, page));
  console.log(JSON.stringify({looks, keyboard: await byKeyboard(browser)}));
  await browser.close();
}
main().catch(error => { console.error(error); process.exit(1); });
