// People at desks: the screens they sign in at and administer from, read by the hooks the app promises.
import { createHmac } from 'node:crypto';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Browser, type Locator, type Page } from '@playwright/test';
import type { Station } from './station.ts';

/** Long enough, and nobody's name. */
export const PASSWORD = 'nuanyang-qiaotou-zhouduan';

/** The one-time link that a fresh server prints on its console. */
export function firstLink(station: Station): string {
  const found = /welcome#[\w-]+/.exec(station.output);
  if (!found) throw new Error(`no one-time link on the console:\n${station.output}`);
  return `${station.base}/${found[0]}`;
}

/** A browser of its own, with no cookie of another. */
export async function browserOf(browser: Browser): Promise<Page> {
  return (await browser.newContext({ viewport: { width: 1920, height: 1080 }, locale: 'zh-CN', reducedMotion: 'reduce' })).newPage();
}

export interface NewPerson {
  id: string;
  name: string;
  role: string;
  /** What finds the organisation: a code or part of a name. */
  org?: string;
  region?: string;
  director?: boolean;
}

export class Desk {
  constructor(readonly page: Page, readonly base: string) {}

  /** Follows a one-time link and chooses a password. */
  static async welcomed(page: Page, base: string, link: string): Promise<Desk> {
    await page.goto(link);
    await page.getByTestId('password').fill(PASSWORD);
    await page.getByTestId('password-again').fill(PASSWORD);
    await page.getByTestId('go').click();
    await page.waitForURL((url) => !url.pathname.startsWith('/welcome'));
    return new Desk(page, base);
  }

  /** The first administrator of a fresh server. */
  static administrator(page: Page, station: Station): Promise<Desk> {
    return Desk.welcomed(page, station.base, firstLink(station));
  }

  async fillSignIn(name: string, password = PASSWORD): Promise<void> {
    await this.page.goto(`${this.base}/sign-in`);
    await this.trySignIn(name, password);
  }

  async trySignIn(name: string, password: string): Promise<void> {
    await this.page.getByTestId('name').fill(name);
    await this.page.getByTestId('password').fill(password);
    await this.page.getByTestId('go').click();
  }

  async section(path: string): Promise<void> {
    await this.page.goto(`${this.base}/admin/${path}`);
    await expect(this.page.getByTestId('me-name')).toBeVisible({ timeout: 30_000 });
  }

  /** Types into a picker and takes the first that fits. */
  async pick(testid: string, text: string, within: Locator | Page = this.page): Promise<void> {
    const input = within.getByTestId(testid);
    await input.click();
    await input.fill(text);
    await expect(within.locator(`li[role=option][data-id^="${text}"]`).first()).toBeVisible();
    await input.press('Enter');
    await expect(input).not.toHaveValue(text);
  }

  /** Takes somebody in and gives back their one-time link. */
  async invite(person: NewPerson): Promise<string> {
    const { page } = this;
    await this.section('people');
    await page.getByTestId('add-person').click();
    const dialog = page.getByTestId('add-person-dialog');
    // The dialog puts the focus there as it opens; who types sooner types beside it.
    await expect(dialog.getByTestId('new-name')).toBeFocused();
    await dialog.getByTestId('new-name').fill(person.name);
    await dialog.getByTestId('new-id').fill(person.id);
    await dialog.getByTestId('post-role').selectOption(person.role);
    if (person.org) await this.pick('post-org', person.org, dialog);
    if (person.region) await this.pick('post-region', person.region, dialog);
    if (person.director) await dialog.getByTestId('post-director').check();
    await dialog.getByTestId('create').click();
    const link = await dialog.getByTestId('invite-url').inputValue();
    await dialog.getByTestId('invite-close').click();
    return link;
  }

  /** Confirms what a dialog asks. */
  async confirm(): Promise<void> {
    await this.page.getByTestId('confirm-go').click();
  }

  /** Nothing on this screen shuts out who cannot see, or cannot use a mouse. */
  async isAccessible(): Promise<void> {
    const found = await new AxeBuilder({ page: this.page }).analyze();
    const grave = found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
    expect(grave.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
  }
}

/** The six digits an authenticator shows for a key at a time (RFC 6238). */
export function codeOf(key: string, at = Date.now()): string {
  const bits = [...key.replaceAll(' ', '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from(bits.match(/.{8}/g)!.map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', bytes).update(counter).digest();
  const offset = mac[19]! & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}
