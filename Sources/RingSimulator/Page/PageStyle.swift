/// The style sheet of the page.
///
/// Colours are named by what they are for, and have two values: one for light, one for dark. A test computes their contrast.
enum PageStyle {
    static let css = """
        :root {
          color-scheme: light dark;
          --page: #f5f6f8; --panel: #ffffff; --sunken: #eef0f4; --line: #d9dde5; --edge: #7d8798;
          --text: #1b2029; --soft: #566072; --accent: #3a50c8; --on-accent: #ffffff; --accent-tint: #e9edfd;
          --good: #17602f; --good-tint: #dcf3e2; --wait: #7a5000; --wait-tint: #fcefce;
          --bad: #a01c22; --bad-tint: #fde3e2; --idle: #4b5565; --idle-tint: #e6e9ef;
          --motion: #2f6fed; --privacy: #10131a;
          --gap: 16px; --round: 10px;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #12151b; --panel: #1a1f27; --sunken: #141820; --line: #2d3542; --edge: #7b879b;
            --text: #e7eaf0; --soft: #a5aebd; --accent: #93a7ff; --on-accent: #11152b; --accent-tint: #232b4d;
            --good: #8edca4; --good-tint: #16351f; --wait: #f1cc77; --wait-tint: #392d0d;
            --bad: #ffaaa7; --bad-tint: #43191c; --idle: #bac3d1; --idle-tint: #2a313d;
            --motion: #7fa6ff; --privacy: #05070b;
          }
        }
        * { box-sizing: border-box; }
        html { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
        body { margin: 0; background: var(--page); color: var(--text); min-width: 0; overflow-wrap: anywhere; }
        h1, h2, h3, p, ul, ol, dl, dd, figure, fieldset { margin: 0; padding: 0; }
        h1 { font-size: 1.45rem; line-height: 1.25; } h2 { font-size: 1.1rem; } h3 { font-size: 1rem; }
        ul, ol { list-style: none; }
        a { color: var(--accent); text-underline-offset: 2px; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
        .skip { position: absolute; left: -9999px; }
        .skip:focus { left: 8px; top: 8px; background: var(--panel); padding: 8px 12px; z-index: 9; }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
        [hidden] { display: none !important; }

        .bar { background: var(--panel); border-bottom: 1px solid var(--line); }
        .bar > div { max-width: 1180px; margin: 0 auto; padding: 10px 20px; display: flex; flex-wrap: wrap;
          align-items: center; gap: 6px 20px; }
        .brand { display: flex; align-items: center; gap: 9px; font-weight: 650; color: var(--text); text-decoration: none; }
        .brand svg { width: 22px; height: 22px; color: var(--accent); flex: none; }
        nav ul { display: flex; flex-wrap: wrap; gap: 2px; }
        nav a { display: block; padding: 6px 10px; border-radius: 7px; color: var(--soft); text-decoration: none; font-weight: 550; }
        nav a:hover { color: var(--text); background: var(--sunken); }
        nav a[aria-current] { color: var(--accent); background: var(--accent-tint); }
        .clock { margin-left: auto; display: flex; align-items: center; gap: 8px; color: var(--soft);
          font-variant-numeric: tabular-nums; text-decoration: none; }
        .clock:hover { color: var(--text); }
        .dot { width: 8px; height: 8px; border-radius: 50%; background: var(--edge); flex: none; }
        .dot.on { background: var(--good); }
        main { max-width: 1180px; margin: 0 auto; padding: 24px 20px 56px; display: grid; gap: 24px; }
        main > *, section, .grid > *, .split > * { min-width: 0; }
        section:empty, div[data-live]:empty { display: none; }
        [role=status]:empty { position: absolute; }
        footer { max-width: 1180px; margin: 0 auto; padding: 0 20px 32px; color: var(--soft); font-size: .87rem; }
        .title { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 14px; }
        .title .actions { margin-left: auto; }
        .title p { flex: 0 0 100%; color: var(--soft); }

        .panel { background: var(--panel); border: 1px solid var(--line); border-radius: var(--round); padding: var(--gap); }
        .stack { display: grid; gap: 12px; align-content: start; } .stack.wide { gap: 24px; }
        .row { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; }
        .grid { display: grid; gap: var(--gap); grid-template-columns: repeat(auto-fill, minmax(min(255px, 100%), 1fr)); }
        .split { display: grid; gap: 24px; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); align-items: start; }
        @media (max-width: 860px) { .split { grid-template-columns: minmax(0, 1fr); } }
        .soft { color: var(--soft); } .small { font-size: .87rem; } .end { margin-left: auto; }
        .number { font-variant-numeric: tabular-nums; white-space: nowrap; }

        .device { display: grid; gap: 10px; align-content: start; padding: 12px; }
        .device h3 a { color: var(--text); text-decoration: none; } .device h3 a:hover { text-decoration: underline; }
        .view { position: relative; display: grid; place-items: center; aspect-ratio: 16 / 9; border-radius: 8px; overflow: hidden;
          background: var(--sunken); color: var(--soft); }
        .view > * { grid-area: 1 / 1; width: 100%; height: 100%; }
        .view img, .view video { object-fit: cover; display: block; }
        .view .icon { width: 56px; height: 56px; }
        .view.away img { filter: grayscale(1) brightness(.55); }
        .zone { fill: var(--motion); fill-opacity: .22; stroke: var(--motion); stroke-width: 2; vector-effect: non-scaling-stroke; }
        .zone.privacy { fill: var(--privacy); fill-opacity: .94; stroke: var(--privacy); }
        .key { display: flex; flex-wrap: wrap; gap: 4px 16px; color: var(--soft); font-size: .87rem; }
        .key span::before { content: ""; display: inline-block; width: 11px; height: 11px; margin-right: 6px; border-radius: 3px;
          background: var(--motion); vertical-align: -1px; }
        .key .private::before { background: var(--privacy); outline: 1px solid var(--edge); }

        .badge { display: inline-block; padding: 1px 9px; border-radius: 99px; font-size: .82rem; font-weight: 600;
          background: var(--idle-tint); color: var(--idle); white-space: nowrap; }
        .badge.good { background: var(--good-tint); color: var(--good); }
        .badge.wait { background: var(--wait-tint); color: var(--wait); }
        .badge.bad { background: var(--bad-tint); color: var(--bad); }
        .notice { padding: 10px 14px; border-radius: 8px; background: var(--good-tint); color: var(--good); font-weight: 550; }
        .notice.bad { background: var(--bad-tint); color: var(--bad); }
        .notice.wait { background: var(--wait-tint); color: var(--wait); }
        .empty { padding: 28px var(--gap); text-align: center; color: var(--soft); display: grid; gap: 6px; justify-items: center; }
        .empty strong { color: var(--text); font-size: 1.02rem; }

        button, .button { font: inherit; font-weight: 550; padding: 6px 13px; border-radius: 8px; border: 1px solid var(--edge);
          background: var(--panel); color: var(--text); cursor: pointer; text-decoration: none; display: inline-block; }
        button:hover, .button:hover { background: var(--sunken); }
        button.main, .button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent); }
        button.main:hover, .button.main:hover { filter: brightness(1.08); }
        button.danger { color: var(--bad); border-color: var(--bad); }
        button:disabled { opacity: .55; cursor: default; }
        .small-buttons button, button.small { padding: 3px 10px; font-size: .9rem; }
        label { font-weight: 550; } label small, .hint { font-weight: 400; color: var(--soft); font-size: .87rem; }
        input, select, textarea { font: inherit; color: var(--text); background: var(--panel); border: 1px solid var(--edge);
          border-radius: 8px; padding: 6px 10px; width: 100%; min-width: 0; }
        input[type=checkbox], input[type=radio] { width: 18px; height: 18px; margin: 0; accent-color: var(--accent); flex: none; }
        input.short { width: 9em; }
        .fields { display: grid; gap: 12px var(--gap); grid-template-columns: repeat(auto-fit, minmax(min(190px, 100%), 1fr)); align-items: end; }
        .field { display: grid; gap: 4px; align-content: start; }
        .check { display: flex; align-items: center; gap: 10px; font-weight: 500; }
        fieldset { border: 0; display: grid; gap: 8px; min-width: 0; } legend { font-weight: 600; padding: 0; margin-bottom: 6px; }

        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; }
        th { text-align: left; color: var(--soft); font-weight: 550; font-size: .87rem; }
        th, td { padding: 7px 10px; border-bottom: 1px solid var(--line); vertical-align: top; }
        th:first-child, td:first-child { padding-left: 0; } th:last-child, td:last-child { padding-right: 0; }
        tbody tr:last-child > * { border-bottom: 0; } tbody tr:hover { background: var(--sunken); }
        tr:target, li:target { background: var(--accent-tint); }
        @media (max-width: 640px) {
          table.cards, .cards tbody, .cards tr, .cards td { display: block; }
          .cards thead { display: none; }
          .cards tr { padding: 8px 0; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 2px 10px; }
          .cards td { padding: 0; border: 0; }
          .cards td.wide { flex-basis: 100%; }
        }
        code, pre, .mono { font: .87rem/1.5 ui-monospace, "SFMono-Regular", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        pre { margin: 0; padding: 12px; border-radius: 8px; background: var(--sunken); overflow: auto; max-height: 28rem;
          white-space: pre-wrap; }
        dl.facts { display: grid; grid-template-columns: minmax(7em, max-content) minmax(0, 1fr); gap: 5px 16px; }
        dt { color: var(--soft); }
        summary { cursor: pointer; font-weight: 550; padding: 2px 0; }
        details > *:not(summary) { margin-top: 8px; }
        .steps { counter-reset: step; display: grid; gap: 14px; }
        .steps > li { counter-increment: step; padding-left: 38px; position: relative; display: grid; gap: 6px; }
        .steps > li::before { content: counter(step); position: absolute; left: 0; top: 0; width: 25px; height: 25px; border-radius: 50%;
          display: grid; place-items: center; background: var(--accent-tint); color: var(--accent); font-weight: 650; font-size: .9rem; }
        .grid.halves { grid-template-columns: repeat(auto-fit, minmax(min(420px, 100%), 1fr)); align-items: start; }
        .grid.accounts { grid-template-columns: repeat(auto-fill, minmax(min(330px, 100%), 1fr)); }
        .choice { display: block; padding: 2px 10px; border-radius: 99px; text-decoration: none; color: var(--soft); font-weight: 550; }
        .choice:hover { background: var(--sunken); } .choice[aria-current] { background: var(--accent-tint); color: var(--accent); }
        .line { border-left: 2px solid var(--line); padding-left: 16px; display: grid; gap: 16px; }
        .switch { display: grid; gap: 4px 16px; grid-template-columns: minmax(0, 1fr) 12.5em; align-items: center; padding: 9px 0;
          border-bottom: 1px solid var(--line); }
        .switch:last-of-type { border-bottom: 0; } .switch .hint { display: block; }
        .switch.changed label::after { content: "changed"; margin-left: 8px; padding: 0 8px; border-radius: 99px; font-size: .78rem;
          font-weight: 600; background: var(--wait-tint); color: var(--wait); }
        @media (max-width: 520px) { .switch { grid-template-columns: minmax(0, 1fr); } }
        @media (prefers-reduced-motion: no-preference) { .dot.on { animation: pulse 2s infinite; }
          @keyframes pulse { 50% { opacity: .45; } } }
        """
}
