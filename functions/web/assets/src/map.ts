export function draw(element: HTMLElement): void {
  void element;
}
