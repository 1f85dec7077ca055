// A place at the desk: whoever sits there, and what they do by keyboard and mouse.
import type { Page } from '@playwright/test';
import { expect } from './journey.ts';
import type { Station } from './station.ts';

/** A place at the desk, worked by keys. */
export class Place {
  constructor(readonly page: Page) {}

  static async open(page: Page, station: Station, role: string, scope: string): Promise<Place> {
    await page.goto(station.base + (await station.door(role, scope)));
    await expect(page).toHaveURL(/\/desk/);
    await expect(page.getByTestId('link-state')).toHaveAttribute('data-state', 'live', { timeout: 30_000 });
    return new Place(page);
  }

  get rows() {
    return this.page.getByTestId('case-row');
  }

  row(id: string) {
    return this.page.locator(`[data-testid="case-row"][data-id="${id}"]`);
  }

  async press(...keys: string[]): Promise<void> {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Presses a key of a command and waits for its form. */
  async begin(key: string, command: string): Promise<void> {
    await expect(this.page.getByTestId(`do-${command}`)).toBeVisible();
    await this.press(key);
    await expect(this.page.getByTestId('command-form')).toHaveAttribute('data-command', command);
    await expect(this.page.locator('[data-testid="command-form"] :focus')).toHaveCount(1);
  }

  /** Moves the focus into a field, as the Tab key does. */
  async into(testid: string): Promise<void> {
    const field = this.page.getByTestId(testid);
    for (let steps = 0; steps < 20; steps += 1) {
      if (await field.evaluate((el) => el === document.activeElement)) return;
      await this.press('Tab');
    }
    throw new Error(`the Tab key does not lead to ${testid}`);
  }

  async choose(testid: string, text: string): Promise<void> {
    await this.into(testid);
    await this.type(text);
  }

  /** The same with the pointer. */
  private async pick(testid: string, text: string): Promise<void> {
    await this.page.getByTestId(testid).click();
    await this.type(text);
  }

  private async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
    await expect(this.page.locator(`li[role=option][data-id="${text}"]`)).toBeVisible();
    await this.press('Enter');
  }

  async send(): Promise<void> {
    await this.press('Control+Enter');
    await expect(this.page.getByTestId('command-form')).toHaveCount(0);
  }

  async is(state: string): Promise<void> {
    await expect(this.page.getByTestId('case')).toHaveAttribute('data-state', state);
  }

  /** Makes a move from wherever it stands, in front or behind “more”, and fills in what it asks. */
  async does(command: string, fields: Record<string, string> = {}): Promise<void> {
    const button = this.page.getByTestId(`do-${command}`);
    await expect(this.page.getByTestId('actions')).toBeVisible();
    if (!(await button.isVisible())) await this.page.getByTestId('more').click();
    await button.click();
    await this.fill(command, fields);
  }

  /** Makes a move about a supervision order. */
  async answers(command: string, fields: Record<string, string> = {}): Promise<void> {
    await this.page.getByTestId(`order-${command}`).click();
    await this.fill(command, fields);
  }

  private async fill(command: string, fields: Record<string, string>): Promise<void> {
    if (Object.keys(fields).length === 0) return;
    const form = this.page.getByTestId('command-form');
    await expect(form).toHaveAttribute('data-command', command);
    for (const [name, value] of Object.entries(fields)) {
      if (name === 'to' || name === 'category') await this.pick(name, value);
      else await form.getByTestId(name).fill(value);
    }
    await this.send();
  }
}
