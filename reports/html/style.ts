import { customProperties, DARK, LIGHT } from './palette.js';

/** The report's style sheet: system fonts, one column, light and dark, and paper. */
export const STYLE = `
:root{${customProperties(LIGHT)};color-scheme:light;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
@media screen and (prefers-color-scheme:dark){:root{${customProperties(DARK)};color-scheme:dark}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:3.5rem;-webkit-text-size-adjust:100%}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 var(--sans);overflow-wrap:break-word}
main,.masthead,footer{max-width:1080px;margin:0 auto;padding:0 24px}
a{color:inherit;text-decoration-color:var(--faint);text-underline-offset:.18em}
a:hover{text-decoration-color:currentColor}
:focus-visible{outline:2px solid var(--series-0);outline-offset:2px;border-radius:3px}
h1,h2,h3,h4,p,ul,dl,dd,figure{margin:0}
ul{padding:0;list-style:none}
code,pre,.mono{font-family:var(--mono);font-size:.86em;unicode-bidi:isolate}
bdi{unicode-bidi:isolate}
.masthead{padding-top:40px}
.eyebrow{display:flex;flex-wrap:wrap;gap:2px 14px;color:var(--soft);font-size:14px}
.eyebrow b{color:var(--ink);font-weight:600}
nav{position:sticky;top:0;z-index:3;background:var(--page);border-bottom:1px solid var(--line);margin-top:32px}
nav ul{max-width:1080px;margin:0 auto;padding:0 24px;display:flex;gap:22px;overflow-x:auto;scrollbar-width:none}
nav a{display:block;padding:11px 0;color:var(--soft);font-size:14px;text-decoration:none;white-space:nowrap}
nav a:hover{color:var(--ink)}

.summary{margin-top:18px}
.summary th,.summary td{white-space:normal;overflow-wrap:anywhere;padding-left:18px}
.summary thead th{vertical-align:bottom;overflow-wrap:normal}
.summary td:nth-child(2),.summary th:nth-child(2),.summary tfoot td{text-align:left}
.summary td:nth-child(2){white-space:nowrap}
.summary tbody td{font-size:16px}
.summary tbody th{font-weight:600}
.summary tfoot th,.summary tfoot td{border-bottom:0}
.summary .result{align-items:baseline}
.summary .result .mark{align-self:center}
.summary .result a{text-decoration-color:var(--line)}
.spoiled-by{text-decoration:none;margin-left:4px}
.doubts{margin-top:20px;display:grid;gap:6px;font-size:15px;line-height:1.45}
.note{display:grid;grid-template-columns:20px 1fr;gap:10px;padding:8px 14px;border-radius:8px;background:var(--sunken)}
.note.bad{background:var(--bad-tint)}
.note.unsure{background:var(--unsure-tint)}
.note p{min-width:0}
.mark{width:20px;height:20px;margin-top:2px;flex:none}
.good .mark{color:var(--good)}.bad .mark{color:var(--bad)}.unsure .mark{color:var(--unsure)}

.verdicts{margin-top:26px;display:grid;gap:26px}
.verdict{display:grid;grid-template-columns:minmax(0,1fr) 300px;gap:8px 40px;align-items:center}
.verdict h1,.verdict h2{font-weight:650;line-height:1.18;letter-spacing:-.018em;text-wrap:balance}
.verdict h1{font-size:clamp(26px,3.4vw,34px)}
.verdict h2{font-size:clamp(20px,2.4vw,25px)}
.verdict p{margin-top:8px;color:var(--soft);max-width:66ch;font-variant-numeric:tabular-nums}
.verdict .spoiled{color:var(--unsure)}
.verdict .wide{grid-column:1/-1}
.interval{width:100%;height:auto;display:block}
.interval text{font:12px var(--sans);fill:var(--faint)}
.interval .name{fill:var(--soft)}

.standing{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:32px;margin-top:34px;padding-top:22px;border-top:1px solid var(--line)}
.standing h2{font-size:14px;font-weight:600;color:var(--soft);margin-bottom:8px}
.standing li{display:grid;grid-template-columns:20px minmax(0,1fr);gap:9px;font-size:15px;line-height:1.45;padding:3px 0}

.standing a,.note a{text-decoration-color:var(--line)}
.standing .plain{display:block;color:var(--soft)}

main>section{padding-top:56px}
section>h2{font-size:24px;font-weight:650;letter-spacing:-.012em;line-height:1.25}
section>p.lead{color:var(--soft);max-width:70ch;margin-top:6px}
h3{font-size:17px;font-weight:620;margin-top:34px}
h3+p{color:var(--soft);font-size:15px;max-width:72ch;margin-top:2px}
h4{font-size:14px;font-weight:600;color:var(--soft);margin-bottom:4px}

.legend{display:flex;flex-wrap:wrap;gap:6px 20px;margin-top:14px;font-size:14px;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:8px;min-width:0}
.key{width:28px;height:12px;flex:none}
.charts{display:grid;grid-template-columns:minmax(0,1.45fr) minmax(0,1fr);gap:14px 40px;margin-top:14px}
.charts.even{grid-template-columns:repeat(2,minmax(0,1fr))}
figure{min-width:0;break-inside:avoid}
figcaption{font-size:14px;font-weight:600;color:var(--soft);margin-bottom:6px}
.canvas{position:relative;height:270px}
.even .canvas{height:220px}

.scroll{overflow-x:auto;margin-top:12px}
.scroll.overflows{background:linear-gradient(to right,transparent,var(--page) 32px) 100%/48px 100% no-repeat local,linear-gradient(to left,var(--shade),transparent) 100%/14px 100% no-repeat}
.hint{display:none;position:sticky;left:0;width:max-content;max-width:100%;color:var(--soft);font-size:13px}
.scroll.overflows>.hint{display:block}
table{border-collapse:collapse;width:100%;font-size:14.5px;font-variant-numeric:tabular-nums;line-height:1.4}
th,td{padding:7px 0 7px 20px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line);vertical-align:baseline}
th:first-child,td:first-child{padding-left:0;text-align:left}
td.text,th.text{text-align:left;white-space:normal;min-width:12em}
thead th{font-weight:600;font-size:13px;color:var(--soft);border-bottom-color:var(--faint)}
tbody th{font-weight:450;white-space:normal;overflow-wrap:anywhere;min-width:8em;max-width:18em}
tr.group th{padding-top:15px;font-weight:600;color:var(--soft);font-size:13.5px}
tr.floor{color:var(--soft)}
.absent{color:var(--faint)}
.swatch{display:inline-block;width:9px;height:9px;border-radius:50%;margin-right:8px;vertical-align:.02em}
.swatch.floor{background:none!important;border:2px solid var(--floor)}
.sub{color:var(--faint);font-size:13px}

details>summary{cursor:pointer;list-style:none}
details>summary::-webkit-details-marker{display:none}
.more{margin-top:8px;font-size:14px}
.more>summary{color:var(--soft);display:inline-block;padding:2px 0}
.more>summary::before{content:"▸";display:inline-block;width:1.1em;color:var(--faint)}
.more[open]>summary::before{content:"▾"}
.more .scroll{margin-top:2px}
.more th,.more td{padding-left:11px;font-size:13.5px}
.more thead th{font-size:12.5px}

.checks{margin-top:16px;border-top:1px solid var(--line)}
.check{border-bottom:1px solid var(--line)}
.check>summary{display:grid;grid-template-columns:4.6em minmax(0,1fr) auto;gap:4px 14px;padding:10px 0;align-items:baseline}
.check>summary:hover .title{text-decoration:underline;text-decoration-color:var(--faint);text-underline-offset:.18em}
.level{font-size:12.5px;font-weight:600;color:var(--faint)}
.check .id{display:block;color:var(--faint);font-size:13px}
.results{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:14px;justify-content:flex-end}
.result{display:inline-flex;align-items:center;gap:5px;color:var(--faint);overflow-wrap:anywhere;min-width:0}
.result>span{min-width:0}
:is(th,td) .unsure .mark{width:15px;height:15px;margin:0;vertical-align:-2px}
.result .mark{width:15px;height:15px;margin:0}
.result.good{color:var(--soft)}.result.bad{color:var(--bad);font-weight:600}.result.unsure{color:var(--unsure);font-weight:600}
.check .body{padding:2px 0 20px 5.5em;font-size:15px}
.check .body>p{max-width:72ch}
.case{margin-top:16px}
.case h4{color:var(--ink);font-size:15px;margin-bottom:2px}
.wire{margin-top:8px;padding:10px 12px;border-radius:8px;background:var(--sunken);font-size:13px;line-height:1.5;font-family:var(--mono);max-height:420px;overflow:auto}
.wire li{display:grid;grid-template-columns:7.5em 4.4em minmax(0,1fr);gap:10px;padding:1px 0}
.wire time{color:var(--faint);text-align:right;white-space:nowrap}
.wire .sent .way{color:var(--series-0)}.wire .got .way{color:var(--series-1)}.wire .note-line{color:var(--soft);font-style:italic}
.wire code{font-size:1em;overflow-wrap:anywhere;min-width:0}

.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:6px 24px;margin-top:12px;font-size:15px}
.facts dt{color:var(--soft)}
.facts dd{overflow-wrap:anywhere;min-width:0}
.columns{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 48px}
.relay{break-inside:avoid;min-width:0}
pre{margin:8px 0 0;padding:12px 14px;border-radius:8px;background:var(--sunken);overflow:auto;max-height:420px;line-height:1.5;white-space:pre-wrap;overflow-wrap:anywhere}
.command{font-size:14px}
footer{margin-top:64px;padding-top:18px;padding-bottom:48px;color:var(--faint);font-size:14px}

@media screen and (max-width:760px){
main,.masthead,footer,nav ul{padding-left:16px;padding-right:16px}
.masthead{padding-top:24px}
.verdict,.standing,.charts,.charts.even,.columns{grid-template-columns:minmax(0,1fr)}
.standing{gap:22px}
.verdict .interval{max-width:340px}
main>section{padding-top:44px}
.canvas{height:230px}
.check>summary{grid-template-columns:minmax(0,1fr)}
.check .level{order:-1}
.results{justify-content:flex-start}
.check .body{padding-left:0}
.wire li{display:block;padding:4px 0}
.wire .way{margin-left:10px}
.wire li>:last-child{display:block}
.scroll th:first-child,.scroll td:first-child{position:sticky;left:0;background:var(--page);padding-right:8px;z-index:1}
.scroll tbody th:first-child:not([colspan]){min-width:7.6em;max-width:11em}
.summary,.summary tbody,.summary tfoot,.summary tr,.summary th,.summary td{display:block}
.summary thead{display:none}
.summary tr{padding:10px 0;border-bottom:1px solid var(--line)}
.summary tfoot tr{border-bottom:0}
.summary th,.summary td,.summary td:nth-child(2){padding:2px 0;border:0;max-width:none}
.summary tbody td{display:grid;grid-template-columns:minmax(0,1.1fr) minmax(0,1fr);gap:12px}
.summary tbody td,.summary tbody td:nth-child(2){text-align:right}
.summary td>div{min-width:0}
.summary td:nth-child(2){white-space:normal}
.summary tbody .result{justify-content:flex-end;text-align:right}
.summary tbody td::before{content:attr(data-label);text-align:left;color:var(--soft);font-size:14px}
th,td{padding-left:16px}
.facts{grid-template-columns:minmax(0,1fr);gap:0}
.facts dd{margin-bottom:8px}
}
@media print{
body{font-size:10.5pt;background:#fff}
nav{display:none}
main,.masthead,footer{max-width:none;padding:0}
main>section{padding-top:24pt}
section>h2,h3,figcaption{break-after:avoid}
tr,.check,.note{break-inside:avoid}
.canvas{height:200px}
.wire,pre{max-height:none}
.scroll,.scroll.overflows{overflow:visible;background:none}
.scroll.overflows>.hint{display:none}
table,.summary tbody td{font-size:8.5pt}
th,td{padding-left:8px}
thead th{white-space:normal;font-size:8pt}
.more:not([open]){display:none}
.verdict{grid-template-columns:minmax(0,1fr) 220px;gap:8px 24px}
.charts{gap:14px 20px}
}
`;
