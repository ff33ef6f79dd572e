/** The part of selenium-webdriver that the WebKit driver uses; the package brings no types. */
declare module 'selenium-webdriver' {
  export interface Command {
    getName(): string;
  }
  export interface WebDriver {
    /** Everything below goes through here. */
    execute(command: Command): Promise<unknown>;
    get(url: string): Promise<void>;
    executeScript<T>(script: string, ...args: unknown[]): Promise<T>;
    executeAsyncScript<T>(script: string, ...args: unknown[]): Promise<T>;
    findElement(by: unknown): Promise<{ click(): Promise<void> }>;
    takeScreenshot(): Promise<string>;
    quit(): Promise<void>;
    actions(): Actions;
    manage(): {
      setTimeouts(timeouts: { script?: number; pageLoad?: number }): Promise<void>;
      window(): { setRect(rect: { width: number; height: number }): Promise<unknown> };
    };
  }
  interface Actions {
    keyDown(key: string): Actions;
    keyUp(key: string): Actions;
    perform(): Promise<void>;
  }
  export class Builder {
    usingServer(url: string): this;
    withCapabilities(capabilities: Record<string, unknown>): this;
    build(): Promise<WebDriver>;
  }
  export const By: { css(selector: string): unknown };
  export const Key: Readonly<Record<string, string>>;
}
