declare global {
  namespace App {
    interface PageState {
      /** Row of the queue whose verdict is open. */
      row?: number;
    }
  }
}

export {};
