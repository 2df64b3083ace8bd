import { createHash } from 'node:crypto'

/** The one style sheet of the public pages, inline; its hash stands in the policy. */
export const PAGE_STYLE = `
:root{color-scheme:dark light;--ground:light-dark(#fbfcfb,#0b0f0e);--panel:light-dark(#f2f5f4,#121817);--raised:light-dark(#e6ebe9,#1a2220);--line:light-dark(#d3dbd8,#2a3532);--edge:light-dark(#6f817b,#5f736c);--ink:light-dark(#10201b,#e8f0ed);--muted:light-dark(#52635d,#9db0aa);--wave:light-dark(#a9b8b2,#4a5c56);--mint:light-dark(#0c6f4b,#3ddc97);--on-mint:light-dark(#fff,#06241a);--violet:light-dark(#5b3fb5,#b79cff);--amber:light-dark(#7a5200,#f2b84b)}
*{box-sizing:border-box;margin:0}
html{-webkit-text-size-adjust:100%}
body{background:var(--ground);color:var(--ink);font:400 15px/1.5 "Inter Variable",Inter,system-ui,-apple-system,"Segoe UI",sans-serif;font-variant-numeric:tabular-nums;min-height:100vh;display:flex;flex-direction:column}
a{color:inherit;text-decoration:none}
a:hover{text-decoration:underline;text-underline-offset:3px}
a:focus-visible,audio:focus-visible{outline:2px solid var(--mint);outline-offset:3px;border-radius:6px}
header,main,footer{width:100%;max-width:1120px;margin:0 auto;padding:0 24px}
header{display:flex;align-items:center;justify-content:space-between;height:72px;gap:16px}
.logo{display:inline-flex;align-items:center;gap:10px;font-weight:600;font-size:18px;letter-spacing:-.01em}
.logo svg{width:24px;height:24px;fill:var(--mint)}
header nav{display:flex;gap:24px;color:var(--muted)}
main{flex:1;padding-bottom:64px}
footer{box-shadow:inset 0 1px var(--line);clip-path:inset(0 24px);padding-top:24px;padding-bottom:32px;color:var(--muted);font-size:13px;display:flex;flex-wrap:wrap;gap:8px 24px;justify-content:space-between}
h1{font-size:clamp(28px,5vw,44px);line-height:1.12;font-weight:600;letter-spacing:-.02em;overflow-wrap:anywhere;text-wrap:balance}
h1.long{font-size:clamp(22px,3.2vw,30px);line-height:1.2}
h2{font-size:18px;line-height:24px;font-weight:600;margin:48px 0 16px}
.hero{display:grid;grid-template-columns:minmax(220px,360px) 1fr;gap:24px 48px;align-items:center;padding-top:24px}
.cover{display:block;width:100%;height:auto;aspect-ratio:1;border-radius:4px;background:var(--raised);object-fit:cover}
.round{border-radius:50%}
.by{font-size:18px;line-height:24px;margin-top:8px;color:var(--muted)}
.by a{color:var(--ink);font-weight:500}
.facts{display:flex;flex-wrap:wrap;gap:8px;margin-top:16px;padding:0;list-style:none}
.facts li{border:1px solid var(--line);border-radius:6px;padding:3px 10px;font-size:13px;color:var(--muted)}
.facts b{color:var(--ink);font-weight:500}
.facts .members{border-color:var(--violet);color:var(--violet)}
.buy{display:flex;flex-wrap:wrap;align-items:center;gap:12px 20px;margin-top:28px}
.price{font-size:24px;line-height:30px;font-weight:600}
.button{display:inline-flex;align-items:center;min-height:44px;padding:0 20px;border-radius:6px;background:var(--mint);color:var(--on-mint);font-weight:600}
.button:hover{text-decoration:none;filter:brightness(1.08)}
.hint{color:var(--muted);font-size:13px;margin-top:12px;max-width:46ch}
.listen{margin-top:40px;padding:24px;background:var(--panel);border-radius:10px}
.wave{display:block;width:100%;height:96px;fill:var(--wave)}
.listen audio{display:block;width:100%;margin-top:16px;height:40px}
.listen p{color:var(--muted);font-size:13px;margin-top:8px}
.story{margin-top:32px;max-width:65ch;font-size:18px;line-height:1.6;white-space:pre-line}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(160px,1fr));gap:24px;padding:0;list-style:none}
.grid .name{display:block;margin-top:10px;font-weight:500;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.grid .sub{display:block;color:var(--muted);font-size:13px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.rows{padding:0;list-style:none;border-top:1px solid var(--line)}
.rows li{display:grid;grid-template-columns:48px minmax(0,1fr) auto auto;gap:16px;align-items:center;padding:8px 0;border-bottom:1px solid var(--line)}
.rows .cover{width:48px}
.rows .name{font-weight:500;overflow:hidden;text-overflow:ellipsis;white-space:nowrap;display:block}
.rows .sub{color:var(--muted);font-size:13px}
.rows .amount{font-weight:500;text-align:right;min-width:64px}
.plans{display:grid;grid-template-columns:repeat(auto-fit,minmax(220px,1fr));gap:16px;padding:0;list-style:none}
.plans li{background:var(--panel);border-radius:10px;padding:20px}
.plans b{display:block;text-transform:capitalize;color:var(--violet);font-weight:600}
.plans .price{display:block;color:var(--ink);font-size:18px;margin:4px 0 8px}
.plans span{color:var(--muted);font-size:13px;display:block}
.lead{color:var(--muted);font-size:18px;line-height:1.6;margin-top:16px;max-width:52ch}
.front{padding-top:48px}
.alone{padding:96px 0;max-width:52ch}
@media (max-width:720px){.hero{grid-template-columns:1fr}.hero .cover{max-width:360px}.rows li{grid-template-columns:48px minmax(0,1fr) auto}.rows .facts-cell{display:none}.grid{grid-template-columns:repeat(auto-fill,minmax(136px,1fr));gap:20px 16px}header nav{gap:16px}}
@media (prefers-contrast:more){:root{--muted:light-dark(#26332e,#dce6e2);--line:light-dark(#4d5a55,#93a39d)}}
`

/** No script runs and nothing is loaded from elsewhere; the style sheet passes by its hash. */
export const PAGE_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'`,
  "img-src 'self'",
  "media-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
