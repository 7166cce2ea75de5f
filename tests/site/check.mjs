// Opens every page of a site, from its folder and from a server, and holds it to what it promises.
// node check.mjs SITE [PICTURES]: prints what fails, ends with 1 where anything does.
import { chromium } from 'playwright-core';
import { readFileSync, readdirSync, statSync, mkdirSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, relative, resolve, extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createRequire } from 'node:module';

const site = resolve(process.argv[2]);
const pictures = process.argv[3] && resolve(process.argv[3]);
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const BROWSERS = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = BROWSERS.find((path) => path && existsSync(path));
const failures = [];
let passed = 0;

function claim(holds, text) {
  if (holds) passed += 1;
  else {
    failures.push(text);
    console.error(`failed: ${text}`);
  }
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? walk(path) : [path];
  });
}

const files = walk(site).sort();
const size = (path) => statSync(path).size;
const pages = files.filter((path) => path.endsWith('.html'));
const languages = [...new Set(pages.map((path) => relative(site, path).split('/')).filter((parts) => parts.length > 1).map((parts) => parts[0]))];

function budget() {
  const total = files.reduce((sum, path) => sum + size(path), 0);
  claim(total <= 15e6, `the site is at most 15 MB: ${(total / 1e6).toFixed(1)} MB`);
  for (const page of pages.filter((path) => !path.endsWith('brochure.html'))) {
    claim(size(page) <= 150e3, `${relative(site, page)} is at most 150 kB: ${size(page)}`);
  }
  const index = Math.max(...languages.map((language) => size(join(site, `data/index.${language}.js`))));
  const explorer = size(join(site, 'explorer.js')) + index + size(join(site, `${languages[0]}/explorer.html`));
  claim(explorer <= 1.2e6, `the explorer is at most 1.2 MB: ${explorer}`);
}

const quiet = { level: () => quiet, error: () => quiet, warn: () => quiet, info: () => quiet, debug: () => quiet };

async function specifications() {
  const { default: Ajv } = await import('ajv');
  const { default: formats } = await import('ajv-formats');
  const { compile } = await import('vega-lite');
  const schema = JSON.parse(readFileSync(createRequire(import.meta.url).resolve('vega-lite/vega-lite-schema.json'), 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: false });
  formats(ajv);
  ajv.addFormat('color-hex', () => true);
  const isValid = ajv.compile(schema);
  for (const path of files.filter((one) => one.endsWith('.vl.json'))) {
    const specification = JSON.parse(readFileSync(path, 'utf8'));
    const name = relative(site, path);
    claim(isValid(specification), `${name} fits the schema of Vega-Lite: ${ajv.errorsText(isValid.errors)}`);
    try {
      compile(specification, { logger: quiet });
      passed += 1;
    } catch (error) {
      claim(false, `${name} is compiled by Vega-Lite: ${error.message}`);
    }
  }
}

/** A page that aborts and counts requests beyond `within`, and hears what is complained about. */
async function opened(browser, within, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const heard = [];
  await page.route('**/*', (route) => {
    if (route.request().url().startsWith(within)) return route.continue();
    heard.push(`asks for ${route.request().url()}`);
    return route.abort();
  });
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && heard.push(message.text()));
  page.on('pageerror', (error) => heard.push(String(error)));
  return { page, heard, context };
}

async function everyPage(browser) {
  const root = pathToFileURL(`${site}/`).href;
  const { page, heard, context } = await opened(browser, root, { viewport: { width: 1280, height: 900 } });
  for (const [place, path] of pages.entries()) {
    const name = relative(site, path);
    heard.length = 0;
    await page.setViewportSize({ width: 1280, height: 900 });
    await page.goto(pathToFileURL(path).href);
    if (name.endsWith('explorer.html')) await page.waitForSelector('#table table');
    // Pages of indicators and of panels are all made alike: SAMPLE=5 takes every fifth of them.
    const isOneOfMany = /\/(indicator|panel)\//.test(name);
    if (isOneOfMany && place % Number(process.env.SAMPLE || 1) !== 0) continue;
    // The policy of the page forbids what axe would be added with, so it is evaluated in the page.
    await page.evaluate(axe);
    const result = await page.evaluate(() =>
      window.axe.run(document, { preload: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
    );
    const found = result.violations.map((one) => `${one.id} (${one.nodes.length}: ${one.nodes[0].html.slice(0, 110)})`);
    claim(found.length === 0, `${name}: axe finds nothing: ${found.join('; ')}`);
    await page.setViewportSize({ width: 320, height: 800 });
    const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
    claim(wide <= 320, `${name}: fits 320 px: ${wide}`);
    claim(heard.length === 0, `${name}: complains of nothing: ${heard.join('; ')}`);
    if (pictures) await picture(page, name);
  }
  await context.close();
}

async function picture(page, name) {
  mkdirSync(pictures, { recursive: true });
  for (const width of [320, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(pictures, `${name.replaceAll('/', '_')}.${width}.png`), fullPage: true });
  }
}

async function withoutScripts(browser) {
  const root = pathToFileURL(`${site}/`).href;
  const { page, heard, context } = await opened(browser, root, { javaScriptEnabled: false });
  for (const language of languages) {
    for (const path of pages.filter((one) => relative(site, one).startsWith(`${language}/`))) {
      const name = relative(site, path);
      await page.goto(pathToFileURL(path).href);
      claim((await page.locator('main h1').count()) === 1, `${name}: has a heading without scripts`);
      if (name.includes('/figure/')) {
        // A large matrix is shown as its table.
        claim(await page.locator('figure svg.wide, figure table').first().isVisible(), `${name}: shows its chart without scripts`);
        claim((await page.locator('article table tbody tr').count()) > 0, `${name}: has its table without scripts`);
      }
    }
    await page.goto(pathToFileURL(join(site, language, 'explorer.html')).href);
    claim(await page.locator('noscript p, .empty').first().isVisible(), `${language}/explorer.html: says where the figures are without scripts`);
  }
  claim(heard.length === 0, `without scripts nothing is asked for: ${heard.join('; ')}`);
  await context.close();
}

/** Finds an indicator, leaves out a panel and asks for groups, with keys alone. */
async function byKeyboard(browser, base, within) {
  const { page, heard, context } = await opened(browser, within, { viewport: { width: 1280, height: 1000 } });
  await page.goto(`${base}/${languages[0]}/explorer.html`);
  await page.waitForSelector('#table table');
  const before = await page.locator('#found').textContent();
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(() => document.activeElement.id === 'search')) break;
  }
  claim(await page.evaluate(() => document.activeElement.id === 'search'), `${base}: the search is reached by Tab`);
  const outline = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  claim(outline !== 'none', `${base}: the focus is seen`);
  const word = (await page.locator('#indicator option').nth(2).textContent()).split(/[\s:]/)[0];
  await page.keyboard.type(word);
  claim((await page.locator('#found').textContent()) !== before, `${base}: the count of what is found is told`);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.waitForTimeout(300);
  const hash = new URL(page.url()).hash;
  claim(hash.length > 1, `${base}: the choice stands in the address: ${hash}`);
  await page.keyboard.press('Tab');
  const shown = await page.locator('#shown').textContent();
  await page.keyboard.press('Space');
  await page.waitForTimeout(300);
  claim(await page.evaluate(() => document.activeElement.type === 'checkbox'), `${base}: the focus stays on the box that was changed`);
  claim((await page.locator('#shown').textContent()) !== shown, `${base}: the count of figures is told`);
  claim(new URL(page.url()).hash !== hash, `${base}: the panels stand in the address`);
  const address = page.url();
  const title = await page.locator('#title').textContent();
  const small = await page.evaluate(() =>
    [...document.querySelectorAll('main a, main button, main input, main select, main summary')]
      .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 24 && one.type !== 'checkbox' && !one.closest('p'))
      .map((one) => one.outerHTML.slice(0, 80)),
  );
  claim(small.length === 0, `${base}: targets are at least 24 px: ${small.join('; ')}`);
  await page.goto('about:blank');
  await page.goto(address);
  await page.waitForSelector('#chart svg, #table table');
  claim((await page.locator('#title').textContent()) === title, `${base}: the address brings the choice back`);
  claim(heard.length === 0, `${base}: complains of nothing: ${heard.join('; ')}`);
  await context.close();
}

const TYPES = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.json': 'application/json' };

function served() {
  const server = createServer((request, response) => {
    const path = join(site, decodeURIComponent(new URL(request.url, 'http://a').pathname).replace(/^\/some\/folder/, ''));
    if (!path.startsWith(site) || !existsSync(path) || statSync(path).isDirectory()) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { 'content-type': TYPES[extname(path)] || 'application/octet-stream' }).end(readFileSync(path));
  });
  return new Promise((done) => server.listen(0, '127.0.0.1', () => done(server)));
}

async function printed(browser) {
  const root = pathToFileURL(`${site}/`).href;
  for (const language of languages) {
    const { page, context } = await opened(browser, root);
    await page.goto(pathToFileURL(join(site, language, 'brochure.html')).href);
    const figures = await page.locator('.sheet svg').count();
    const pdf = await page.pdf({ preferCSSPageSize: true, tagged: true, outline: true, printBackground: true });
    const text = pdf.toString('latin1');
    const count = (text.match(/\/Type\s*\/Page\b/g) || []).length;
    claim(count >= figures + 2 && count <= figures + 4, `${language}: the brochure has a page a sheet: ${count} pages, ${figures} figures`);
    claim(text.includes('/StructTreeRoot') && text.includes('/Outlines'), `${language}: the brochure is tagged and has an outline`);
    if (pictures) {
      mkdirSync(pictures, { recursive: true });
      const { writeFileSync } = await import('node:fs');
      writeFileSync(join(pictures, `brochure.${language}.pdf`), pdf);
    }
    await context.close();
  }
}

const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
try {
  budget();
  await specifications();
  await withoutScripts(browser);
  await byKeyboard(browser, pathToFileURL(site).href, pathToFileURL(`${site}/`).href);
  const server = await served();
  const base = `http://127.0.0.1:${server.address().port}/some/folder`;
  await byKeyboard(browser, base, `${base}/`);
  server.close();
  await printed(browser);
  await everyPage(browser);
} finally {
  await browser.close();
}
console.log(`${passed} passed, ${failures.length} failed`);
process.exit(failures.length ? 1 : 0);
