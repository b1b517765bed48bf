"""Tests of the site: what Markdown becomes, and that each kind of dead link fails."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from articles import convert  # noqa: E402
from build import REPOSITORY, Site  # noqa: E402


def body(text, **rules):
    return convert("Documentation/Page.md", text, **rules).html


class ConverterTests(unittest.TestCase):
    def test_elements(self):
        page = body("# A page\n\nText with *stress*, `code` and a\nsecond line.\n\n- one\n  - inner\n- two\n\n1. first\n\n> quoted\n\n"
                    "| a | b |\n| --- | --- |\n| `x` | [l](M.md) |\n\n```swift\nlet a = 1 < 2\n```\n")
        for part in ('<h1 id="a-page">A page</h1>', "<em>stress</em>", "<code>code</code>", "<li>inner</li>", "<ol>\n<li>first</li>",
                     "<blockquote>\n<p>quoted</p>", "<td><code>x</code></td>", '<td><a href="M.md">l</a></td>',
                     '<code class="language-swift">let a = 1 &lt; 2\n</code>', '<div class="table" tabindex="0"><table>'):
            self.assertIn(part, page)

    def test_anchors_are_those_of_the_repository_host(self):
        article = convert("P.md", "# T\n\n## `a_b`: What, why? (1.4)\n\n## Same\n\n## Same\n")
        self.assertEqual(article.anchors, {"t", "a_b-what-why-14", "same", "same-1"})
        self.assertEqual(article.headings[0], ("a_b-what-why-14", "a_b: What, why? (1.4)"))

    def test_html_is_shown_as_text_and_comments_are_left_out(self):
        page = body("<!-- run -->\n```sh\nls\n```\n\n<script>alert(1)</script>\n\nA <b onclick=x>word</b> & <!-- inside --> end &lt;\n\n"
                    "<!-- two\nlines -->\n\n<img src=x onerror=alert(1)>\n")
        self.assertNotIn("<script", page)
        self.assertNotIn("<b ", page)
        self.assertNotIn("onerror", page)
        self.assertNotIn("run --", page)
        self.assertNotIn("inside", page)
        self.assertIn("&lt;script&gt;alert(1)&lt;/script&gt;", page)
        self.assertIn("&lt;b onclick=x&gt;word&lt;/b&gt; &amp;", page)

    def test_code_and_quotes_cannot_leave_their_place(self):
        page = body('`</code><script>`\n\n```sh"onload="x\n</code></pre><script>\n```\n\n![a"b](p.png)\n\n[x](<a"b.md>)\n')
        self.assertNotIn("<script", page)
        self.assertNotIn('"onload', page)
        self.assertIn("a&quot;b", page)

    def test_a_picture_for_light_and_dark(self):
        page = body('<picture>\n  <source media="(prefers-color-scheme: dark)" srcset="d.png">\n'
                    '  <img src="l.png" alt="A page" width="820" onload="x">\n</picture>\n',
                    resolve=lambda target, kind: f"{kind}/{target}")
        self.assertIn('<source media="(prefers-color-scheme: dark)" srcset="image/d.png">', page)
        self.assertIn('<img src="image/l.png" alt="A page" width="820">', page)

    def test_script_links_become_nothing(self):
        self.assertNotIn('href="javascript', body("[x](javascript:alert(1))"))

    def test_names_in_code_become_links_but_not_inside_links(self):
        page = body("`RingError` and [`RingError`](E.md)", code_target=lambda word: "R/" if word == "RingError" else None)
        self.assertIn('<a href="R/"><code>RingError</code></a> and <a href="E.md"><code>RingError</code></a>', page)


class SiteTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("README.md", "# P\n\nOne **sentence**.\n")
        self.write("Documentation/README.md", "# D\n\n## Start\n\n| Page | For |\n| --- | --- |\n| [A](A.md) | a page |\n"
                   "| [Read me](../README.md) | the start |\n")
        self.write("Documentation/A.md", "# A\n\n## Part one\n\nText.\n")
        self.write("Sources/RingCore/RingCore.docc/RingCore.md", "# ``RingCore``\n\nThe core\nof ``RingError``.\n\n## More\n")
        self.write("API/RingCore.txt", "struct RingError\n")
        self.write("site/RingCore/documentation/ringcore/index.html", '<body><div id="app"></div>')
        symbols = "site/RingCore/data/documentation/ringcore"
        path = "doc://p/documentation/RingCore"
        self.write(f"{symbols}.json", self.symbol("RingCore", "module", path, []))
        self.write(f"{symbols}/ringerror.json", self.symbol("RingError", "struct", f"{path}/RingError", [path]))
        self.write(f"{symbols}/ringerror/code.json",
                   self.symbol("code", "property", f"{path}/RingError/code", [path, f"{path}/RingError"]))

        # What RingMedia adds to RingError is a page of RingMedia, and RingError stays that of RingCore.
        self.write("Sources/RingMedia/RingMedia.docc/RingMedia.md", "# ``RingMedia``\n\nMedia.\n")
        self.write("site/RingMedia/documentation/ringmedia/index.html", "")
        added = "site/RingMedia/data/documentation/ringmedia/ringcore/ringerror"
        path = "doc://p/documentation/RingMedia"
        self.write(f"{added}.json", self.symbol("RingError", "extension", f"{path}/RingCore/RingError", [path, f"{path}/RingCore"]))
        self.write(f"{added}/notready.json", self.symbol(
            "notReady", "property", f"{path}/RingCore/RingError/notReady", [path, f"{path}/RingCore/RingError"]))

    @staticmethod
    def symbol(title, kind, identifier, parents):
        return json.dumps({
            "metadata": {"title": title, "symbolKind": kind, "role": "collection" if kind == "module" else "symbol"},
            "identifier": {"url": identifier}, "hierarchy": {"paths": [parents]},
            "abstract": [{"type": "text", "text": f"About {title}."}]})

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, encoding="utf-8")

    def build(self, partial=False):
        site = Site(self.root, self.root / "site", partial=partial)
        site.make()
        return site

    def read(self, path):
        return (self.root / "site" / path).read_text(encoding="utf-8")

    def test_a_sound_site(self):
        self.write("Documentation/A.md", "# A\n\n## Part one\n\n[up](../README.md#p), [here](#part-one), `RingError.code`,\n"
                   "`RingError`, `RingError.notReady`, "
                   "`Sources/RingCore`, ![p](p.png), `RingCore`\n")
        self.write("Documentation/p.png", "png")
        site = self.build()
        self.assertEqual(site.problems, [])
        page = self.read("Documentation/A.html")
        for part in ('href="../README.html#p"', 'href="#part-one"', 'href="../RingCore/documentation/ringcore/ringerror/code/"',
                     f'href="{REPOSITORY}/tree/main/Sources/RingCore"',
                     'href="../RingCore/documentation/ringcore/ringerror/"',
                     'href="../RingMedia/documentation/ringmedia/ringcore/ringerror/notready/"', 'src="p.png"', 'aria-current="page"',
                     'href="../RingCore/documentation/ringcore/"', 'href="../site.css"'):
            self.assertIn(part, page)
        self.assertNotIn("<script", page)
        self.assertEqual(self.read("Documentation/p.png"), "png")
        self.assertEqual(self.read("Documentation/A.md")[:3], "# A")
        self.assertIn("](A.md)", self.read("Documentation/README.md"))
        self.assertIn('href="Documentation/README.md">this page as Markdown', self.read("index.html"))
        self.assertEqual(self.read("RingCore/theme-settings.json"), "{}\n")
        self.assertIn("The core of <code>RingError</code>.", self.read("index.html"))
        self.assertIn('id="site-link"', self.read("RingCore/documentation/ringcore/index.html"))
        self.assertIn("- [A](Documentation/A.md): a page", self.read("llms.txt"))
        self.assertIn("> One sentence.", self.read("llms.txt"))
        entries = json.loads(self.read("search.json"))
        self.assertIn(["member", "RingError.code", "RingCore/documentation/ringcore/ringerror/code/", "About code."], entries)
        self.assertTrue(any(entry[1] == "A: Part one" and entry[2] == "Documentation/A.html#part-one" for entry in entries))

    def test_every_kind_of_dead_link_is_found(self):
        for text, problem in [
            ("[x](B.md)", "dead link: B.md"),
            ("[x](#nowhere)", "dead link: Documentation/A.md has no heading #nowhere"),
            ("[x](../README.md#nowhere)", "dead link: README.md has no heading #nowhere"),
            ("[x](../../outside.md)", "dead link: ../../outside.md"),
            ("[x](../Sources/RingNone/File.swift)", "dead link: ../Sources/RingNone/File.swift"),
            (f"[x]({REPOSITORY}/blob/main/Gone.md)", f"dead link: {REPOSITORY}/blob/main/Gone.md"),
            ("![x](gone.png)", "dead link: gone.png"),
            ("![x](https://example.com/a.png)", "picture of another origin: https://example.com/a.png"),
            ('<img src="https://example.com/a.png">', "picture of another origin: https://example.com/a.png"),
            ("`Examples/Sources/Gone`", "`Examples/Sources/Gone` does not exist"),
            ("[x](ftp://a/b)", "link of an unknown kind: ftp://a/b"),
        ]:
            with self.subTest(text):
                self.write("Documentation/A.md", f"# A\n\n{text}\n")
                self.assertEqual(self.build().problems, [f"Documentation/A.md: {problem}"])

    def test_a_missing_file_that_a_comment_or_the_reference_names_is_found(self):
        self.write("Sources/RingCore/A.swift", "/// See `Documentation/A.md` and `Documentation/Gone.md`.\nlet a = \"`Tests/None.md`\"\n")
        self.write("Sources/RingCore/RingCore.docc/More.md", "# More\n\n`Examples/Sources/Gone`, `Sources/RingCore`\n")
        self.assertEqual(self.build().problems, [
            "Sources/RingCore/RingCore.docc/More.md: `Examples/Sources/Gone` does not exist",
            "Sources/RingCore/A.swift: `Documentation/Gone.md` does not exist"])

    def test_error_codes_lead_to_their_sections(self):
        self.write("Documentation/Errors.md", "# Errors\n\n### `not_here`\n\n`not_here`, [A](A.md), [gone](#gone)\n\n### `gone`\n")
        self.write("Documentation/A.md", "# A\n\n`not_here`, `gone`, [Errors](Errors.md)\n")
        self.build()
        self.assertIn('<a href="Errors.html#not_here"><code>not_here</code></a>, <code>gone</code>', self.read("Documentation/A.html"))
        self.assertNotIn('<a href="Errors.html#not_here"', self.read("Documentation/Errors.html"))
        page = self.read("Documentation/Errors/not_here.html")
        for part in ('<h1 id="not_here"><code>not_here</code></h1>', 'href="../A.html"', '<a href="../Errors.html#not_here">All errors</a>',
                     'href="../Errors.html#gone"', "<title>not_here"):
            self.assertIn(part, page)
        self.assertNotIn('id="gone"', page)

    def test_a_page_in_no_table_and_a_product_without_reference_are_found(self):
        self.write("Documentation/New.md", "# New\n")
        self.write("Sources/RingNew/RingNew.docc/RingNew.md", "# ``RingNew``\n\nNew.\n")
        self.assertEqual(sorted(self.build().problems), [
            "Documentation/README.md: Documentation/New.md is in no table of the index",
            "Sources/RingNew: has no reference in the site; run Scripts/docs.sh"])
        self.assertEqual(len(self.build(partial=True).problems), 1)

    def test_the_search_ranks_names_before_texts(self):
        entries = [["article", "Errors: rate_limited", "e", "Too many requests."], ["member", "RingError.Code.rateLimited", "m", "429"],
                   ["type", "RingError", "t", "Why a call failed."], ["article", "Webhooks", "w", "A RingError is final. <b>"]]
        program = (f"import {{find, excerpt}} from {json.dumps((Path(__file__).parent / 'search.js').as_uri())};"
                   f"const e = {json.dumps(entries)};"
                   "console.log(JSON.stringify([find(e, 'RingError').map(x => x[2]), find(e, 'ratelimited').map(x => x[2]),"
                   "find(e, 'many REQUESTS').map(x => x[2]), find(e, 'RingError nothing'), find(e, ' '), excerpt('a b c', 'c')]));")
        try:
            found = subprocess.run(["node", "--input-type=module", "-e", program], capture_output=True, text=True)
        except FileNotFoundError:
            self.skipTest("no Node here: the search was not tried")
        self.assertEqual(found.returncode, 0, found.stderr)
        self.assertEqual(json.loads(found.stdout), [["t", "m", "w"], ["m"], ["e"], [], [], "a b c"])


if __name__ == "__main__":
    unittest.main()
