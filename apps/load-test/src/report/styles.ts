/** The HTML report's styles; light or dark as the reader has it. */
export const styles = `
:root { color-scheme: light dark; --text: #1c2733; --dim: #5f6f80; --page: #f5f7f9; --card: #fff; --edge: #dde3e9;
  --a: #0b7285; --b: #adb5bd; --bad: #d6336c; --good: #2b8a3e; }
@media (prefers-color-scheme: dark) {
  :root { --text: #e6edf3; --dim: #8b98a5; --page: #0e141b; --card: #161d26; --edge: #2a3440; --a: #3bc9db; --b: #5c6b7a; --bad: #f783ac; --good: #69db7c; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 4rem; }
h1 { font-size: 1.4rem; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 0 0 .5rem; }
.about { color: var(--dim); margin: .25rem 0 1rem; }
.outcome { border-left: 4px solid; padding: .5rem 1rem; background: var(--card); font-weight: 600; }
.good { color: var(--good); }
.bad { color: var(--bad); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.card, figure, section { background: var(--card); border: 1px solid var(--edge); border-radius: 8px; padding: .75rem 1rem; }
.card span, .card small { display: block; color: var(--dim); }
.card strong { font-size: 1.5rem; font-variant-numeric: tabular-nums; }
figure { margin: 0 0 .75rem; }
figcaption { font-weight: 600; }
figcaption small { color: var(--dim); font-weight: 400; margin-right: 1rem; }
svg { width: 100%; height: auto; display: block; }
svg text { fill: var(--dim); font-size: 11px; }
.side { text-anchor: end; dominant-baseline: middle; }
.base { text-anchor: middle; }
.grid { stroke: var(--edge); }
.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.area { opacity: .15; stroke: none; }
.line.a { stroke: var(--a); } .line.b { stroke: var(--b); } .line.bad { stroke: var(--bad); }
.area.a { fill: var(--a); } .area.b { fill: var(--b); } .area.bad { fill: var(--bad); }
.key { color: var(--dim); font-weight: 400; margin-left: 1rem; font-size: .85rem; }
.key::before { content: ""; display: inline-block; width: .8em; height: .8em; border-radius: 2px; margin-right: .4em; background: var(--b); }
.key.a::before { background: var(--a); } .key.bad::before { background: var(--bad); }
.tables { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: .75rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .5rem; border-bottom: 1px solid var(--edge); overflow-wrap: anywhere; }
th { color: var(--dim); font-weight: 400; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
`;
