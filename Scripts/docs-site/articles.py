"""Articles of the documentation: from Markdown to HTML, with the anchors and the rules for links that the repository's host has.

The Markdown itself is read by markdown-it-py (Debian: python3-markdown-it). HTML in an article is shown as text, except
comments, which are left out, and a `<picture>` with its sources.
"""

import html
import re
from html.parser import HTMLParser
from pathlib import PurePosixPath

from markdown_it import MarkdownIt

ALLOWED = {"picture": [], "source": ["media", "srcset"], "img": ["src", "alt", "width", "height"], "br": []}


class Article:
    """One page: its path in the repository, its title, its HTML, what it links to, and its text by section for the search."""

    def __init__(self, path, text):
        self.path = PurePosixPath(path)
        self.text = text
        self.title = self.path.stem
        self.anchors = set()
        self.sections = []  # (anchor, heading, text), the first one without a heading
        self.headings = []  # (anchor, heading) of the second level
        self.html = ""


def slug(heading, taken):
    """The anchor of a heading, as the repository's host makes it: a second one of the same text gets `-1`."""
    base = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    name, number = base, 0
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


def plain(tokens):
    """The text of inline tokens without their marks."""
    parts = []
    for token in tokens or []:
        if token.type in ("text", "code_inline", "image"):
            parts.append(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return "".join(parts)


class _Allowed(HTMLParser):
    """Lets the few allowed elements through, and shows everything else as text."""

    def __init__(self, address):
        super().__init__(convert_charrefs=False)
        self.out, self.address = [], address

    def handle_starttag(self, tag, attributes):
        if tag not in ALLOWED:
            self.out.append(html.escape(self.get_starttag_text() or f"<{tag}>"))
            return
        kept = []
        for name, value in attributes:
            if name in ALLOWED[tag]:
                value = self.address(value) if name in ("src", "srcset") else value
                kept.append(f' {name}="{html.escape(value or "")}"')
        self.out.append(f"<{tag}{''.join(kept)}>")

    def handle_endtag(self, tag):
        self.out.append(f"</{tag}>" if tag == "picture" else html.escape(f"</{tag}>"))

    def handle_data(self, data):
        self.out.append(html.escape(data))

    def handle_entityref(self, name):
        self.out.append(f"&amp;{html.escape(name)};")

    def handle_charref(self, name):
        self.out.append(f"&amp;#{html.escape(name)};")

    def unknown_decl(self, data):
        self.out.append(html.escape(f"<![{data}]>"))

    def handle_decl(self, declaration):
        self.out.append(html.escape(f"<!{declaration}>"))

    def handle_pi(self, data):
        self.out.append(html.escape(f"<?{data}>"))


def convert(path, text, resolve=lambda target, kind: target, code_target=lambda word: None):
    """Reads one article.

    `resolve(target, kind)` gives the address in the site of a link ("link") or picture ("image"); `code_target(word)` gives the
    address that a piece of inline code names, or nothing.
    """
    article = Article(path, text)
    markdown = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])

    def html_out(self, tokens, index, options, env):
        content = re.sub(r"<!--.*?-->", "", tokens[index].content, flags=re.S)
        if not content.strip():
            return ""
        allowed = _Allowed(lambda target: resolve(target, "image"))
        allowed.feed(content)
        rest = allowed.rawdata
        allowed.close()
        return "".join(allowed.out) if rest == "" or allowed.out else html.escape(content)

    def fence(self, tokens, index, options, env):
        token = tokens[index]
        language = re.match(r"[\w+-]*", token.info).group()
        mark = f' class="language-{language}"' if language else ""
        return f'<pre tabindex="0"><code{mark}>{html.escape(token.content, quote=False)}</code></pre>\n'

    def code_inline(self, tokens, index, options, env):
        content = tokens[index].content
        shown = f"<code>{html.escape(content, quote=False)}</code>"
        inside_link = sum(token.nesting for token in tokens[:index] if token.type in ("link_open", "link_close"))
        target = None if inside_link else code_target(content)
        return f'<a href="{html.escape(target)}">{shown}</a>' if target else shown

    def table_open(self, tokens, index, options, env):
        return '<div class="table" tabindex="0"><table>\n'

    def table_close(self, tokens, index, options, env):
        return "</table></div>\n"

    for name, rule in (("html_block", html_out), ("html_inline", html_out), ("fence", fence), ("code_block", fence),
                       ("code_inline", code_inline), ("table_open", table_open), ("table_close", table_close)):
        markdown.add_render_rule(name, rule)

    tokens = markdown.parse(text)
    section, words = ("", ""), []
    for index, token in enumerate(tokens):
        for child in token.children or []:
            if child.type == "link_open":
                child.attrSet("href", resolve(child.attrGet("href"), "link"))
            elif child.type == "image":
                child.attrSet("src", resolve(child.attrGet("src"), "image"))
                child.attrSet("loading", "lazy")
        if token.type == "inline" and tokens[index - 1].type == "heading_open":
            opening = tokens[index - 1]
            heading = plain(token.children)
            if opening.tag == "h1" and not section[1] and not article.anchors:
                article.title = heading
            anchor = slug(heading, article.anchors)
            opening.attrSet("id", anchor)
            if opening.tag == "h2":
                article.headings.append((anchor, heading))
            if opening.tag != "h1":
                article.sections.append((*section, " ".join(words)))
                section, words = (anchor, heading), []
        elif token.type == "inline":
            words.append(plain(token.children))
    article.sections.append((*section, " ".join(words)))
    article.html = markdown.renderer.render(tokens, markdown.options, {})
    return article
