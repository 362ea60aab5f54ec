import { type EChartsOption, init } from "echarts";
import type { Result } from "./measure.ts";
import { SCENARIOS, type Scenario } from "./scenarios.ts";
import { inOrder, mainFigure } from "./table.ts";

// Bars in small panels, one for each scenario: their figures lie too far apart for one axis.

const WIDTH = 960;
const PANEL_WIDTH = WIDTH / 2;
const LABELS = 130;
const VALUES = 60;
const BAR = 20;
const HEAD = 44;
const GAP = 16;

const UNITS: Readonly<Record<Scenario["drive"], string>> = {
  wrk: "CPU µs per request",
  websocket: "CPU µs per message",
  open: "p99 in ms",
  idle: "KiB per connection",
};

/** Light and dark readers see the same file: bars that stand out on both, text in the colour of the scheme. */
const OURS = "#d9730d";
const OTHERS = "#8296ab";
const STYLE =
  "<style>text{fill:#1f2328;font-family:system-ui,sans-serif}@media(prefers-color-scheme:dark){text{fill:#e6edf3}}</style>";

interface Panel {
  readonly scenario: Scenario;
  /** Worst first: an axis of categories begins at the bottom. */
  readonly results: readonly Result[];
  readonly left: number;
  readonly top: number;
  readonly height: number;
}

const panelHeight = (results: readonly Result[]): number => HEAD + results.length * BAR + GAP;

/** Two columns; a row is as high as the higher of its panels. */
function layOut(results: readonly Result[]): readonly Panel[] {
  const filled = SCENARIOS.map((scenario) => {
    const own = results.filter(
      (each) => each.scenario === scenario.name && Number.isFinite(mainFigure(each, scenario)),
    );
    return { scenario, results: inOrder(own, scenario).toReversed() };
  }).filter((each) => each.results.length > 0);
  let top = 0;
  return filled.map((panel, at) => {
    const before = filled[at - 1];
    const earlier = filled[at - 2];
    if (at >= 2 && at % 2 === 0)
      top += Math.max(panelHeight(before?.results ?? []), panelHeight(earlier?.results ?? []));
    return { ...panel, top, left: (at % 2) * PANEL_WIDTH, height: panel.results.length * BAR };
  });
}

function label(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2);
}

function toOption(panels: readonly Panel[]): EChartsOption {
  return {
    animation: false,
    title: panels.map(({ scenario, left, top }) => ({
      ...{ left, top, text: scenario.title, textStyle: { fontSize: 14 }, itemGap: 2 },
      ...{ subtext: `${UNITS[scenario.drive]}, less is better`, subtextStyle: { fontSize: 11 } },
    })),
    grid: panels.map(({ left, top, height }) => ({
      ...{ left: left + LABELS, top: top + HEAD, width: PANEL_WIDTH - LABELS - VALUES, height },
    })),
    xAxis: panels.map((_, at) => ({ type: "value", gridIndex: at, show: false, min: 0 })),
    yAxis: panels.map(({ results }, at) => ({
      ...{ type: "category", gridIndex: at, data: results.map(({ peer }) => peer) },
      ...{ axisLine: { show: false }, axisTick: { show: false }, axisLabel: { fontSize: 12, interval: 0 } },
    })),
    series: panels.map(({ scenario, results }, at) => ({
      ...{ type: "bar", xAxisIndex: at, yAxisIndex: at, barWidth: BAR - 6 },
      data: results.map((result) => ({
        value: mainFigure(result, scenario),
        itemStyle: { color: result.peer === "headgate" ? OURS : OTHERS },
        label: { show: true, position: "right", fontSize: 12, formatter: label(mainFigure(result, scenario)) },
      })),
    })),
  };
}

/** An SVG of all scenarios that have results. */
export function drawChart(results: readonly Result[]): string {
  const panels = layOut(results);
  const height = Math.max(...panels.map(({ top, results: own }) => top + panelHeight(own)));
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  chart.setOption(toOption(panels));
  const svg = chart.renderToSVGString();
  chart.dispose();
  // A style of the document goes before the attributes that the chart gives its texts.
  return svg.replace(/^<svg[^>]*>/, (opening) => `${opening}\n${STYLE}`);
}
