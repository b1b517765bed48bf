#!/usr/bin/env python3
"""Makes ./site one site: the articles as HTML with a navigation, the list of products, a search, Markdown copies, llms.txt.

    Scripts/docs-site/build.py             after DocC; Scripts/docs.sh calls it
    Scripts/docs-site/build.py --partial   also when references of products are missing: only the articles

Documentation/README.md is the index: its tables give the navigation, and each article must be in one. A dead link fails: to an
article, a heading, a picture, a file of the repository, or a product's reference. Inline code that names a public symbol,
an error code or a file of the repository becomes a link, and such a file must exist. Needs python3-markdown-it.
"""

import argparse
import html
import json
import os
import re
import shutil
import sys
from pathlib import Path
from urllib.parse import unquote

sys.path.insert(0, str(Path(__file__).resolve().parent))
from articles import convert  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Path(__file__).resolve().parent
REPOSITORY = "https://github.com/ring-partner-swift/ring-partner-swift"
INDEX = "Documentation/README.md"
ERRORS = "Documentation/Errors.md"
MORE = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"]
FILES = re.compile(r"(?:Documentation|Examples|Scripts|Sources|Tests|Benchmarks|API|\.ci)/[\w./+-]*[\w/]")
# A changelog names what was removed since.
OLD_NAMES = {"CHANGELOG.md"}
ROW = re.compile(r"^\| \[([^\]]+)\]\(([^)]+)\) \| (.*?) \|$", re.M)


class Site:
    def __init__(self, root, out, base="", partial=False):
        self.root, self.out, self.base, self.partial = Path(root), Path(out), base, partial
        self.problems, self.copied, self.wanted = [], set(), []
        self.articles, self.symbols, self.entries = {}, {}, []
        self.pages = [INDEX] + [page for page in MORE if (self.root / page).is_file()]
        self.pages += sorted(
            str(path.relative_to(self.root)) for path in (self.root / "Documentation").rglob("*.md")
            if str(path.relative_to(self.root)) != INDEX)

    def make(self):
        """Reads everything, checks it, and writes the site."""
        self.out.mkdir(parents=True, exist_ok=True)
        for step in (self.read_products, self.read_symbols, self.check_sources, self.read_errors, self.read_articles,
                     self.read_index, self.write):
            step()

    def problem(self, page, text):
        self.problems.append(f"{page}: {text}")

    @staticmethod
    def address(page):
        """Where an article is in the site."""
        return "index.html" if page == INDEX else page[: -len(".md")] + ".html"

    def relative(self, page, target):
        return os.path.relpath(target, os.path.dirname(self.address(page)) or ".")

    # What there is.

    def read_products(self):
        """Each product with its one line of purpose, from its DocC landing page."""
        self.products = []
        for folder in sorted((self.root / "Sources").glob("Ring*/")):
            page = folder / f"{folder.name}.docc" / f"{folder.name}.md"
            if not page.is_file():
                self.problem(f"Sources/{folder.name}", f"no landing page {page.relative_to(self.root)}")
                continue
            paragraphs = page.read_text(encoding="utf-8").split("\n\n")
            self.products.append((folder.name, " ".join(paragraphs[1].split()).replace("``", "`")))
        for folder in self.out.glob("Ring*/"):
            if folder.name not in dict(self.products):
                shutil.rmtree(folder)

    def reference(self, product):
        """Where a product's reference is, or nothing."""
        page = f"{product}/documentation/{product.lower()}/index.html"
        return page[: -len("index.html")] if (self.out / page).is_file() else None

    def read_symbols(self):
        """The public symbols, from DocC's data."""
        several = set()
        for product, purpose in self.products:
            place = self.reference(product)
            if place is None:
                if not self.partial:
                    self.problem(f"Sources/{product}", "has no reference in the site; run Scripts/docs.sh")
                continue
            self.symbols[product] = place
            self.entries.append(["product", product, place, purpose])
            data = self.out / product / "data" / "documentation"
            titles, found = {}, []
            for path in sorted(data.rglob("*.json")):
                document = json.loads(path.read_text(encoding="utf-8"))
                metadata = document.get("metadata", {})
                identifier = document.get("identifier", {}).get("url", "")
                titles[identifier] = metadata.get("title", "")
                if metadata.get("role") in ("symbol", "article") and metadata.get("symbolKind") not in ("module", "extension"):
                    found.append((path, document))
            for path, document in found:
                metadata = document["metadata"]
                where = f"{product}/documentation/{path.relative_to(data).with_suffix('')}/"
                text = " ".join("".join(part.get("text", part.get("code", "")) for part in document.get("abstract", [])).split())
                parents = (document.get("hierarchy", {}).get("paths") or [[]])[0]
                parent = titles.get(parents[-1], "") if len(parents) > 1 else ""
                title = metadata["title"]
                is_type = metadata.get("symbolKind") in ("struct", "class", "enum", "protocol", "actor", "typealias")
                if metadata["role"] == "symbol" and parent and not title.startswith(parent + "."):
                    title = f"{parent}.{title}"
                kind = "article" if metadata["role"] == "article" else "type" if is_type else "member"
                self.entries.append([kind, title, where, text])
                if title in self.symbols and self.symbols[title] != where:
                    several.add(title)
                self.symbols.setdefault(title, where)
                if title.count("(") == 1:
                    self.symbols.setdefault(title.split("(")[0], where)
        for title in several:
            del self.symbols[title]

    def read_errors(self):
        """The codes that have a section in the page of errors. A single word, such as `closed`, may mean something else."""
        text = (self.root / ERRORS).read_text(encoding="utf-8") if ERRORS in self.pages else ""
        self.error_words = {word for word in re.findall(r"^### `([a-z_]+)`$", text, re.M) if "_" in word}

    # Links.

    def file_link(self, page, path, kind="link", fragment=""):
        """The address of something in the repository, as seen from a page; nothing when it is missing."""
        place = os.path.normpath(path)
        if place.startswith("..") or not (self.root / place).exists():
            return None
        if place in self.pages and kind == "link":
            if fragment:
                self.wanted.append((page, place, fragment))
            return self.relative(page, self.address(place)) + (f"#{fragment}" if fragment else "")
        if kind == "image":
            self.copied.add(place)
            return self.relative(page, place)
        if re.search(r"\.(svg|png|jpg|mp4)$", place):
            self.copied.add(place)
            return self.relative(page, place)
        folder = "tree" if (self.root / place).is_dir() else "blob"
        return f"{REPOSITORY}/{folder}/main/{place}" + (f"#{fragment}" if fragment else "")

    def resolver(self, page):
        def resolve(target, kind):
            target = unquote(target or "")
            if kind == "image" and re.match(r"[a-z]+:|//", target, re.I):
                self.problem(page, f"picture of another origin: {target}")
                return ""
            own = re.match(re.escape(REPOSITORY) + r"/(?:blob|tree)/main/(.*)", target)
            if re.match(r"(?:https?|mailto):", target) and not own:
                return target
            if re.match(r"[a-z][a-z0-9+.-]*:", target, re.I) and not own:
                self.problem(page, f"link of an unknown kind: {target}")
                return ""
            path, _, fragment = target.partition("#")
            if not path:
                self.wanted.append((page, page, fragment))
                return f"#{fragment}"
            path = own[1].partition("#")[0] if own else os.path.join(os.path.dirname(page), path)
            address = self.file_link(page, path, kind, fragment)
            if address is None:
                self.problem(page, f"dead link: {target}")
            return address or ""

        return resolve

    def namer(self, page):
        def name(word):
            if word in self.error_words and page not in (ERRORS, *OLD_NAMES):
                return self.file_link(page, ERRORS, fragment=word)
            if word in self.symbols:
                return self.relative(page, self.symbols[word]) + "/"
            if FILES.fullmatch(word):
                address = self.file_link(page, word)
                if address is None and page not in OLD_NAMES:
                    self.problem(page, f"`{word}` does not exist")
                return address
            return None

        return name

    def check_sources(self):
        """The files that comments and landing pages of the reference name must exist, too."""
        for pattern in ("Sources/**/*.docc/*.md", "Sources/**/*.swift", "Examples/**/*.swift"):
            for path in sorted(self.root.glob(pattern)):
                page = str(path.relative_to(self.root))
                if "/.build/" in page:
                    continue
                for line in path.read_text(encoding="utf-8").splitlines():
                    text = line if page.endswith(".md") else line.partition("//")[2]
                    for word in re.findall(r"`([^`]+)`", text):
                        if FILES.fullmatch(word) and not (self.root / word).exists():
                            self.problem(page, f"`{word}` does not exist")

    # Pages.

    def read_articles(self):
        for page in self.pages:
            text = (self.root / page).read_text(encoding="utf-8")
            self.articles[page] = convert(page, text, self.resolver(page), self.namer(page))
        for page, target, fragment in self.wanted:
            if fragment not in self.articles[target].anchors:
                self.problem(page, f"dead link: {target} has no heading #{fragment}")

    def read_index(self):
        """The navigation: groups of (title, page, purpose), from the tables of the index."""
        self.groups = []
        for part in re.split(r"^## ", (self.root / INDEX).read_text(encoding="utf-8"), flags=re.M)[1:]:
            rows = []
            for title, target, purpose in ROW.findall(part):
                page = os.path.normpath(os.path.join("Documentation", target))
                if page in self.pages:
                    rows.append((title, page, re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", purpose)))
            if rows:
                self.groups.append((part.split("\n")[0].strip(), rows))
        listed = {page for _, rows in self.groups for _, page, _ in rows}
        for page in self.pages:
            if page != INDEX and page not in listed:
                self.problem(INDEX, f"{page} is in no table of the index")

    def navigation(self, page, address):
        def link(target, title, current=False):
            mark = ' aria-current="page"' if current else ""
            return f'<a href="{html.escape(os.path.relpath(target, os.path.dirname(address) or "."))}"{mark}>{html.escape(title)}</a>'

        out = [f"<ul><li>{link('index.html', 'All pages', page == INDEX)}</li>"
               f"<li>{link('products.html', 'All products', page == 'products')}</li></ul>"]
        for group, rows in self.groups:
            out.append(f"<h2>{html.escape(group)}</h2><ul>")
            for title, target, _ in rows:
                out.append(f"<li>{link(self.address(target), title, target == page)}")
                if target == page and 1 < len(self.articles[page].headings) <= 24:
                    out.append("<ul>" + "".join(
                        f'<li><a href="#{anchor}">{html.escape(heading)}</a></li>'
                        for anchor, heading in self.articles[page].headings) + "</ul>")
                out.append("</li>")
            out.append("</ul>")
        return "".join(out)

    def write_page(self, page, address, title, body, script=None):
        up = os.path.relpath(".", os.path.dirname(address) or ".")
        up = "" if up == "." else up + "/"
        copy = f' · <a href="{self.relative(page, page)}">this page as Markdown</a>' if page in self.articles else ""
        scripts = f'<script type="module" src="{up}{script}"></script>' if script else ""
        text = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
connect-src 'self'; form-action 'self'; base-uri 'none'">
<title>{html.escape(title)} – ring-partner-swift</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{up}site.css">
{scripts}</head>
<body>
<a class="skip" href="#content">To the text</a>
<header><a class="name" href="{up}index.html">ring-partner-swift</a><a class="to-pages" href="#pages">Pages</a>
<form action="{up}search.html" role="search"><input name="q" type="search" aria-label="Search" placeholder="Search">\
<button>Search</button></form></header>
<div class="columns">
<nav class="pages" id="pages" aria-label="Pages">{self.navigation(page, address)}</nav>
<main id="content">
{body}</main>
</div>
<footer>Apache-2.0. Not affiliated with Ring or Amazon · <a href="{up}llms.txt">llms.txt</a>{copy}</footer>
</body>
</html>
"""
        place = self.out / address
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")

    def products_table(self):
        rows = []
        for name, purpose in self.products:
            place = self.reference(name)
            shown = f'<a href="{place}"><code>{name}</code></a>' if place else f"<code>{name}</code>"
            text = f'<a href="API/{name}.txt">text</a>' if (self.root / "API" / f"{name}.txt").is_file() else ""
            marked = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(purpose, quote=False))
            rows.append(f"<tr><td>{shown}</td><td>{marked}</td><td>{text}</td></tr>")
        return ('<div class="table" tabindex="0"><table><thead><tr><th>Product</th><th>For</th><th>Public API</th></tr></thead>'
                f"<tbody>{''.join(rows)}</tbody></table></div>\n")

    def write(self):
        for name in ("Documentation", "API"):
            shutil.rmtree(self.out / name, ignore_errors=True)
        for page, article in self.articles.items():
            body = article.html
            if page == INDEX:
                body += '<h2 id="products">Products</h2>\n' + self.products_table()
            self.write_page(page, self.address(page), article.title, body)
            copy = self.out / page
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(article.text, encoding="utf-8")
            for anchor, heading, text in article.sections:
                title = f"{article.title}: {heading}" if heading else article.title
                place = self.address(page) + (f"#{anchor}" if anchor else "")
                if text or heading:
                    self.entries.append(["article", title, place, " ".join(text.split())[:600]])
        self.write_error_pages()
        for place in self.copied:
            (self.out / place).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(self.root / place, self.out / place)
        for path in (self.root / "API").glob("*.txt"):
            (self.out / "API").mkdir(exist_ok=True)
            shutil.copyfile(path, self.out / "API" / path.name)
        for name in ("site.css", "search.js"):
            shutil.copyfile(HERE / name, self.out / name)
        self.write_page("products", "products.html", "Products", "<h1>Products</h1>\n<p>Each product can be imported alone. "
                        "The reference needs scripts; the public API is there as text, too.</p>\n" + self.products_table())
        self.write_page("search", "search.html", "Search", "<h1>Search</h1>\n<form action=\"search.html\"><input name=\"q\" "
                        'type="search" aria-label="Search articles and public symbols"> <button>Search</button></form>\n'
                        "<noscript><p>The search needs scripts. Every page is in the list of pages.</p></noscript>\n"
                        '<p id="found" role="status"></p>\n<ul class="results"></ul>\n', "search.js")
        (self.out / "search.json").write_text(
            json.dumps(self.entries, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")
        self.write_llms()
        self.mark_references()

    def write_error_pages(self):
        """One page for each error code: what an alarm or a search links to holds the cause and the remedy alone."""
        text = (self.root / ERRORS).read_text(encoding="utf-8") if ERRORS in self.pages else ""
        resolve, name, whole = self.resolver(ERRORS), self.namer(ERRORS), self.relative(ERRORS, self.address(ERRORS))

        def moved(address):
            if not address or re.match(r"[a-z]+:", address):
                return address
            return "../" + (whole if address.startswith("#") else "") + address

        for code, body in re.findall(r"^### `([a-z_]+)`\n(.*?)(?=^##|\Z)", text, re.M | re.S):
            article = convert(
                ERRORS, f"# `{code}`\n{body}", lambda target, kind: moved(resolve(target, kind)), lambda word: moved(name(word)))
            self.write_page(f"error {code}", f"Documentation/Errors/{code}.html", code,
                            article.html + f'<p><a href="../{whole}#{code}">All errors</a></p>\n')

    def write_llms(self):
        """The list of pages for programs that read Markdown (llmstxt.org)."""
        summary = " ".join((self.root / "README.md").read_text(encoding="utf-8").split("\n\n")[1].replace("**", "").split())
        lines = ["# ring-partner-swift", "", f"> {summary}", ""]
        for group, rows in self.groups:
            lines += [f"## {group}", ""] + [f"- [{title}]({page}): {purpose}" for title, page, purpose in rows] + [""]
        lines += ["## Public API", ""]
        lines += [f"- [{name}](API/{name}.txt): {purpose}" for name, purpose in self.products
                  if (self.root / "API" / f"{name}.txt").is_file()]
        (self.out / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def mark_references(self):
        """A way back from the pages of DocC, and to the text where there are no scripts."""
        for name, _ in self.products:
            note = (f'<div id="site-link" style="font:14px system-ui,sans-serif;padding:6px 16px;background:#f4f6f8;color:#1b1f24">'
                    f'<a style="color:#0a58ca" href="{self.base}/index.html">ring-partner-swift: all pages and search</a>'
                    f'<noscript> · this reference needs scripts: <a href="{self.base}/API/{name}.txt">the public API as text</a>'
                    "</noscript></div>")
            settings = self.out / name / "theme-settings.json"
            # The pages of DocC read it, and report an error where there is none.
            if settings.parent.is_dir() and not settings.exists():
                settings.write_text("{}\n", encoding="utf-8")
            for path in (self.out / name).rglob("index.html"):
                text = path.read_text(encoding="utf-8")
                if 'id="site-link"' not in text and '<div id="app">' in text:
                    path.write_text(text.replace('<div id="app">', note + '<div id="app">', 1), encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", default=str(ROOT / "site"))
    parser.add_argument("--base", default=os.environ.get("SITE_BASE", ""), help="the path under which the site is served: /docs")
    parser.add_argument("--partial", action="store_true", help="allow products without a reference")
    arguments = parser.parse_args()
    site = Site(ROOT, arguments.out, arguments.base.rstrip("/"), arguments.partial)
    site.make()
    if site.problems:
        print("\n".join(sorted(set(site.problems))), file=sys.stderr)
        sys.exit(f"docs-site: {len(set(site.problems))} problems")
    print(f"docs-site: {site.out}/index.html, {len(site.articles)} articles, {len(site.products)} products, "
          f"{len(site.entries)} entries in the search")


if __name__ == "__main__":
    main()
