"""How pages look: quiet, for reading; by day and by night, on a telephone and on paper."""

STYLE = """
:root{color-scheme:light dark;--ground:#fdfdfc;--ink:#22262b;--soft:#667078;--line:#e3e5e7;--card:#f5f6f7;
--good:#1a7f4b;--bad:#b3362b;--hit:#cdebd8;--miss:#f6cfca;--warn:#f7e3b5;
--c0:#2f6db3;--c1:#d9822b;--c2:#2f9163;--c3:#b04a8b;--c4:#7a6ad0;--c5:#8a7a4f}
@media(prefers-color-scheme:dark){:root{--ground:#16181b;--ink:#dfe3e7;--soft:#98a2ab;--line:#2e3338;--card:#1e2226;
--good:#5cc28d;--bad:#ef8a7f;--hit:#1d4a33;--miss:#5c2b27;--warn:#57471c;
--c0:#74aaf0;--c1:#f0a860;--c2:#67c99a;--c3:#e08cc0;--c4:#a99cf5;--c5:#c9b98a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",Arial,sans-serif}
main{max-width:62rem;margin:0 auto;padding:2.5rem 1.25rem 4rem}
h1{font-size:1.75rem;line-height:1.25;letter-spacing:-.015em;margin:0 0 .5rem;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:0 0 .75rem;letter-spacing:-.005em}
h3{font-size:1rem;margin:1.5rem 0 .5rem}
p{margin:.5rem 0;max-width:46rem;overflow-wrap:anywhere}
.note,figcaption{color:var(--soft);font-size:.875rem}
.lead{font-size:1.1rem}
.good{color:var(--good)}.bad{color:var(--bad)}
a{color:var(--c0);text-decoration:none}a:hover{text-decoration:underline}
nav{display:flex;flex-wrap:wrap;gap:.25rem 1.1rem;margin:1.25rem 0;font-size:.9rem}
section{margin-top:2.5rem;padding-top:1.5rem;border-top:1px solid var(--line)}
.whole{white-space:nowrap}
.scroll{overflow-x:auto;margin:.75rem 0;max-width:100%}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:.35rem .9rem .35rem 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--soft);white-space:nowrap}
td.n{text-align:right;white-space:nowrap}
dl{display:grid;grid-template-columns:minmax(7rem,max-content) 1fr;gap:.3rem 1.25rem;margin:.75rem 0;font-size:.95rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
pre{background:var(--card);padding:.85rem 1rem;border-radius:.5rem;overflow-x:auto;font-size:.83rem;line-height:1.5}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.gallery{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(15rem,100%),1fr));gap:1rem;margin:1rem 0}
.wide .gallery{grid-template-columns:repeat(auto-fill,minmax(min(26rem,100%),1fr))}
.card{margin:0;padding:.85rem;background:var(--card);border-radius:.6rem;break-inside:avoid;min-width:0}
.card figcaption{margin-top:.55rem;overflow-wrap:anywhere}
.strip{display:grid;grid-template-columns:repeat(auto-fit,minmax(6rem,1fr));gap:.6rem}
.strip>div>img{width:100%}
.strip span{font-size:.8rem;color:var(--soft)}.strip>div{min-width:0}
.strip:has(audio){grid-template-columns:repeat(auto-fit,minmax(min(13rem,100%),1fr))}
svg.boxed{width:100%;border-radius:.3rem;overflow:hidden}svg.spans{width:100%}
svg rect.true,svg rect.said{vector-effect:non-scaling-stroke;fill:none;stroke-width:2px}
svg rect.true{stroke:#1fa35c;stroke-dasharray:5 3}svg rect.said{stroke:#e0443a}
svg.spans rect{stroke:none}svg.spans rect.true{fill:#1fa35c}svg.spans rect.said{fill:#e0443a}
svg.boxed text{paint-order:stroke;stroke:rgba(0,0,0,.65);font-weight:600;fill:#fff}
.key i.true{background:#1fa35c}.key i.said{background:#e0443a}
.card strong{color:var(--ink)}.card strong.good{color:var(--good)}.card strong.bad{color:var(--bad)}
figure{margin:0}
img{max-width:100%;height:auto;border-radius:.3rem;display:block}
img:has(+audio){width:100%;height:6rem}
audio{width:100%;height:2.25rem;margin:.35rem 0;display:block}
.passage{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}
mark{background:var(--warn);color:inherit;padding:.05em .2em;border-radius:.2em}
mark.right{background:var(--hit)}mark.spurious,mark.type,mark.borders{background:var(--miss)}
mark.missed{background:none;outline:1.5px dashed var(--bad)}
mark sub{color:var(--soft);font-size:.7em;margin-left:.3em}
svg{max-width:100%;height:auto;display:block;overflow:visible}
svg text{fill:var(--soft);font:11px system-ui,sans-serif}
svg .axis{stroke:var(--line);fill:none}
svg .even{stroke:var(--soft);fill:none}
svg .line{fill:none;stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}
svg .dot{stroke:none}
.charts{display:flex;flex-wrap:wrap;gap:1.5rem}.charts>*{flex:1 1 19rem;min-width:0;max-width:30rem}
.key{font-size:.85rem;color:var(--soft);margin:.2rem 0 0}
.key i{display:inline-block;width:.9em;height:.25em;border-radius:.2em;margin:0 .4em .2em 0}
.key span{margin-right:1.1em;white-space:nowrap}
th.heat{text-align:center;padding:.3rem .4rem}
td.heat{text-align:center;min-width:2.1rem;padding:.3rem .4rem;border:1px solid var(--ground)}
details{margin:.75rem 0}summary{cursor:pointer;color:var(--soft)}
@media print{nav,audio{display:none}body{font-size:11pt}main{max-width:none;padding:0}
section{break-inside:auto}h2,h3{break-after:avoid}tr,.card,svg{break-inside:avoid}
.scroll{overflow:visible}details>*{display:block}}
"""
