// The only code that calls ECharts. Colours and sizes come from the page's tokens.

const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const pixel = () => parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;

const DRAWN_EVERY_MS = 500;

let library;
function echarts() {
  library ??= import(JSON.parse(document.querySelector('meta[name="gridlamp-assets"]').content).echarts);
  return library;
}

export class Plot {
  constructor(element) {
    this.element = element;
    this.observer = new ResizeObserver(() => this.paint(true));
    this.observer.observe(element);
    echarts().then((library) => { this.library = library; this.paint(true); }).catch(console.error);
  }

  // The first at once, then at most one in a while: reports that come by the dozen change a curve
  // by less than a pixel.
  draw(text) {
    this.spec = JSON.parse(text);
    if (!this.chart) this.paint(false);
    else this.timer ??= setTimeout(() => this.paint(false), DRAWN_EVERY_MS);
  }

  paint(resized) {
    clearTimeout(this.timer);
    this.timer = null;
    const { element, library, spec } = this;
    if (!library || !spec || !element.clientWidth || !element.clientHeight) return;
    this.chart ??= library.init(element, null, { renderer: "canvas" });
    if (resized) this.chart.resize();
    this.chart.setOption(spec.kind === "hours" ? hours(spec) : ring(spec), true);
  }

  destroy() {
    clearTimeout(this.timer);
    this.observer.disconnect();
    this.chart?.dispose();
  }
}

const type = (u) => ({ fontFamily: token("--digits"), fontSize: 12 * u, color: token("--quiet") });

function hours({ today, yesterday, names }) {
  const u = pixel();
  const faint = { color: token("--edge"), type: [2 * u, 5 * u] };
  const line = { type: "line", smooth: 0.35, symbol: "none", silent: true, animation: false };
  return {
    animation: false,
    textStyle: type(u),
    grid: { left: 30 * u, right: 8 * u, top: 22 * u, bottom: 18 * u },
    legend: { right: 0, top: 0, itemWidth: 16 * u, itemHeight: 8 * u, itemGap: 12 * u, icon: "rect", textStyle: type(u), selectedMode: false, data: names },
    xAxis: {
      type: "category", boundaryGap: false, data: yesterday.map((_, h) => h),
      axisLine: { lineStyle: { color: token("--edge") } }, axisTick: { show: false },
      axisLabel: { ...type(u), interval: (i) => i % 4 === 0, formatter: (h) => `${String(h).padStart(2, "0")}:00`, margin: 5 * u, alignMinLabel: "left" },
    },
    yAxis: { type: "value", minInterval: 1, splitNumber: 3, splitLine: { lineStyle: faint }, axisLabel: { ...type(u), margin: 6 * u } },
    series: [
      {
        ...line, name: names[0], data: today,
        lineStyle: { color: token("--series-1"), width: 2 * u }, itemStyle: { color: token("--series-1") },
        areaStyle: { color: { type: "linear", x: 0, y: 0, x2: 0, y2: 1, colorStops: [{ offset: 0, color: token("--area-0") }, { offset: 1, color: token("--area-1") }] } },
      },
      { ...line, name: names[1], data: yesterday, lineStyle: { color: token("--quiet"), width: 1.2 * u, type: [4 * u, 4 * u] }, itemStyle: { color: token("--quiet") } },
    ],
  };
}

function ring({ parts }) {
  const u = pixel();
  const total = parts.reduce((sum, [, n]) => sum + n, 0);
  return {
    animation: false,
    textStyle: type(u),
    title: { text: String(total), left: "center", top: "middle", textStyle: { fontFamily: token("--digits"), fontSize: 26 * u, fontWeight: 500, color: token("--bright") } },
    series: [{
      type: "pie", radius: ["66%", "92%"], silent: true, animation: false, label: { show: false }, padAngle: 2, minAngle: 4,
      data: parts.map(([name, value], i) => ({ name, value, itemStyle: { color: token(`--series-${i % 6 + 1}`) } })),
    }],
  };
}
