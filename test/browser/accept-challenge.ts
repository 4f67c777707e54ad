import { chromium } from 'playwright-core';

/** Opens the PSP's page in a real browser, presses Accept, and answers where the customer lands. */
export async function acceptChallenge(executablePath: string, url: string): Promise<string> {
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  });
  try {
    const page = await browser.newPage();
    await page.goto(url);
    await page.click('#accept');
    await page.waitForURL((landed) => !landed.pathname.startsWith('/simulator/'));
    return page.url();
  } finally {
    await browser.close();
  }
}
