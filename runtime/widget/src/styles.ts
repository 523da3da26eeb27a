/** Styles of the shadow root: nothing of the site comes in, nothing goes out. */
export const STYLES = `
:host{all:initial;--ground:#fff;--soft:#f1f3f7;--ink:#1b2230;--dim:#566072;--line:#8891a3;--brand:#39588f;--on:#fff;--own:#dfe8f8;--warn:#a3261f;color-scheme:light dark}
@media (prefers-color-scheme:dark){:host{--ground:#1a1d24;--soft:#262b35;--ink:#e9ecf2;--dim:#aab3c3;--line:#6f798c;--brand:#a9c3f5;--on:#101828;--own:#2c3d5e;--warn:#ffa39b}}
*{box-sizing:border-box;font:inherit;color:inherit;margin:0}
.root{font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;color:var(--ink)}
button{cursor:pointer;border:0;background:none;border-radius:10px;padding:0}
:focus-visible{outline:3px solid var(--brand);outline-offset:2px}
.launcher{position:fixed;right:20px;bottom:20px;z-index:2147483000;width:58px;height:58px;border-radius:50%;background:var(--brand);color:var(--on);display:grid;place-items:center;box-shadow:0 4px 18px #0005}
.launcher svg{width:28px;height:28px}
.badge{position:absolute;top:-4px;right:-4px;min-width:23px;height:23px;padding:0 6px;border-radius:12px;background:#b3261e;color:#fff;font-weight:650;font-size:13px;line-height:23px;text-align:center}
.panel{position:fixed;right:20px;bottom:92px;z-index:2147483000;width:370px;height:min(560px,calc(100vh - 112px));background:var(--ground);border:1px solid var(--line);border-radius:18px;box-shadow:0 12px 48px #0005;display:flex;flex-direction:column;overflow:hidden}
@media (max-width:480px){.panel{inset:0;width:auto;height:auto;border:0;border-radius:0}.open .launcher{display:none}}
.head{display:flex;align-items:center;gap:8px;padding:14px 12px 14px 16px;background:var(--brand);color:var(--on)}
.head :focus-visible{outline-color:var(--on)}
.head div{flex:1;min-width:0}
h2{font-size:17px;font-weight:650;line-height:1.25}
.head p{font-size:13px;line-height:1.3}
.tool{width:36px;height:36px;display:grid;place-items:center}
.tool svg{width:20px;height:20px}
.log{flex:1;overflow-y:auto;padding:14px 14px 4px;display:flex;flex-direction:column;gap:8px;overscroll-behavior:contain;outline-offset:-3px}
.said{max-width:82%;align-self:flex-start;display:flex;flex-direction:column;gap:2px}
.said.own{align-self:flex-end;align-items:flex-end}
.words{background:var(--soft);border-radius:14px 14px 14px 4px;padding:8px 12px;white-space:pre-wrap;overflow-wrap:anywhere}
.own .words{background:var(--own);border-radius:14px 14px 4px 14px}
.words a{text-decoration:underline}
.by,.note{font-size:12.5px;color:var(--dim)}
.note{text-align:center;padding:4px 12px}
.over{border-top:1px solid var(--line);margin-top:4px;padding-top:10px;color:var(--ink)}
.wrong{color:var(--warn);font-size:12.5px}
.wrong button{text-decoration:underline;padding:2px 4px}
.choices{display:flex;flex-wrap:wrap;gap:6px}
.choices button{border:1px solid var(--brand);color:var(--brand);padding:5px 12px;border-radius:16px;font-weight:550}
.typing{min-height:22px;padding:0 16px;font-size:12.5px;color:var(--dim)}
form{display:flex;gap:8px;align-items:flex-end;padding:8px 12px 12px}
textarea{flex:1;resize:none;min-height:42px;max-height:130px;padding:9px 12px;border:1px solid var(--line);border-radius:12px;background:var(--ground);color:var(--ink);field-sizing:content}
textarea::placeholder{color:var(--dim);opacity:1}
.send{width:42px;height:42px;background:var(--brand);color:var(--on);display:grid;place-items:center;border-radius:12px}
.send svg{width:20px;height:20px}
.count{font-size:12.5px;color:var(--dim);padding:0 16px 4px;text-align:right}
.count.wrong{color:var(--warn)}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (prefers-reduced-motion:no-preference){.panel{animation:rise .16s ease-out}@keyframes rise{from{transform:translateY(10px)}}}
`
