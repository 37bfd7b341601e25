// Does in a page what a reader does: unfolds what is folded, follows every link, and looks.
// Faults are posted to the frame's parent; the first line must run before the page's own scripts.
const faults = [];
addEventListener("error", event => faults.push(`error: ${event.message}`));
addEventListener("unhandledrejection", event => faults.push(`error: ${event.reason}`));

const moment = () => new Promise(done => setTimeout(done, 0));
const named = element => element.getAttribute("href") ?? element.textContent.trim().slice(0, 40);

async function unfold(summary) {
  const details = summary.parentElement;
  const folded = details.getBoundingClientRect().height;
  summary.click();
  await moment();
  const unfolded = details.getBoundingClientRect().height;
  if (!details.open || unfolded <= folded) faults.push(`does not open: ${named(summary)}`);
  summary.click();
  await moment();
  if (details.open || details.getBoundingClientRect().height !== folded)
    faults.push(`does not close: ${named(summary)}`);
  summary.click();  // links inside are followed next
  await moment();
}

async function follow(link) {
  link.scrollIntoView();
  if (!link.getClientRects().length) faults.push(`not to be seen: ${named(link)}`);
  link.click();
  await moment();
  const target = document.querySelector(":target");
  if (target?.id !== decodeURIComponent(link.hash.slice(1))) {
    faults.push(`leads nowhere: ${named(link)}`);
    return;
  }
  const { top } = target.getBoundingClientRect();
  const covered = document.querySelector("nav")?.getBoundingClientRect().bottom ?? 0;
  if (top < covered - 1 || top > innerHeight - 20) faults.push(`out of view: ${named(link)}`);
}

async function explore() {
  document.documentElement.style.scrollBehavior = "auto";  // at once, or one would wait
  const summaries = [...document.querySelectorAll("summary")];
  const links = [...document.querySelectorAll('a[href^="#"]')];
  for (const summary of summaries) await unfold(summary);
  for (const link of links) await follow(link);
  for (const link of document.querySelectorAll("a[download]")) {
    const text = await (await fetch(link.href)).text();
    if (link.download.endsWith(".json")) JSON.parse(text);
    if (!text.includes("ceiling")) faults.push(`an empty file: ${link.download}`);
  }
  const needed = document.documentElement.scrollWidth;
  if (needed > innerWidth) faults.push(`too wide: ${needed} pixels`);
  parent.postMessage(
    { width: innerWidth, summaries: summaries.length, links: links.length, faults }, "*");
}

addEventListener("load", explore);
