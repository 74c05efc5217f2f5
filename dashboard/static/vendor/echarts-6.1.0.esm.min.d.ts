// What the page uses of it; the types of the whole are in the package.
export interface ECharts {
  setOption(option: object, how?: { notMerge?: boolean; lazyUpdate?: boolean }): void;
  clear(): void;
  resize(): void;
  getWidth(): number;
  getDataURL(how: { type: 'png'; pixelRatio: number; backgroundColor: string }): string;
  convertToPixel(finder: object, value: number): number | number[];
  convertFromPixel(finder: object, value: number): number | number[];
}
export function init(element: HTMLElement, theme: null, how: { renderer: 'canvas' }): ECharts;
