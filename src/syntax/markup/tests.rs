#![allow(clippy::unwrap_used)]

use super::*;

fn shown(text: &str, format: Format) -> Vec<(String, String, String)> {
    parse(text, format)
        .blocks
        .into_iter()
        .map(|b| {
            let lines: Vec<&str> = b.lines.iter().map(|r| &text[r.clone()]).collect();
            (b.language.unwrap_or_default(), lines.join("|"), b.headings.join("/"))
        })
        .collect()
}

fn block(language: &str, lines: &str, headings: &str) -> (String, String, String) {
    (language.to_owned(), lines.to_owned(), headings.to_owned())
}

#[test]
fn markdown_blocks_keep_their_lines_language_and_headings() {
    let text = "---\ntitle: x\n---\n# Shop\n\nDeploy\n------\n1. first:\n\n   ```{.sh .x}\n   make a\n     b\n   ```\n- ~~~ Bash title=1\n  one\n  ~~~\n> ```\n> quoted\n> ```\n## Other ##\n\n    indented\n\n    more\ntext\n    no code\n";
    assert_eq!(
        shown(text, Format::Markdown),
        [
            block("sh", "make a|  b", "Shop/Deploy"),
            block("bash", "one", "Shop/Deploy"),
            block("", "quoted", "Shop/Deploy"),
            block("", "indented||more", "Shop/Other"),
        ]
    );
}

#[test]
fn headings_are_read_without_markup() {
    assert_eq!(plain("The `x` **Cluster** <a id=\"k\"></a> &nbsp; [![Build it](https://a/b.svg)](https://c)"), "The x Cluster");
    assert_eq!(plain("[Run](#run) locally (a) <"), "Run locally (a)");
}

#[test]
fn inline_code_of_markdown_has_its_bytes() {
    let text = "Run `make deploy`, ``a ` b`` and `open\n<!-- `no`\n--> \n```\n`no`\n```\n";
    let found: Vec<&str> = parse(text, Format::Markdown).inline.into_iter().map(|i| &text[i.range]).collect();
    assert_eq!(found, ["make deploy", "a ` b"]);
}

#[test]
fn asciidoc_blocks_are_read() {
    let text = "= Guide\n\n== Run\n[source,bash]\n----\nmake run # <1> <.>\ncat <a> <2>\n----\n\n literal\n\n[source]\nparagraph\n\n////\n----\nno\n----\n////\n....\nx\n....\n* item `code`\n```sh\nfenced\n```\n[quote]\n----\nlast";
    assert_eq!(
        shown(text, Format::AsciiDoc),
        [
            block("bash", "make run #|cat <a>", "Guide/Run"),
            block("", "literal", "Guide/Run"),
            block("", "paragraph", "Guide/Run"),
            block("", "x", "Guide/Run"),
            block("sh", "fenced", "Guide/Run"),
            block("", "last", "Guide/Run"),
        ]
    );
}

#[test]
fn restructured_text_blocks_are_read() {
    let text = "=====\nGuide\n=====\n\nRun it\n------\nDo this::\n\n    make x\n      y\n\n.. code-block:: bash\n   :caption: z\n\n   make z\n\nUse ``make q`` and `no`_.\n\n.. comment\n   ::\n\n.. highlight:: console\n\nSee:\n\n::\n\n  $ a\n\nEnd\n---\n";
    let document = parse(text, Format::ReStructuredText);
    assert_eq!(
        shown(text, Format::ReStructuredText),
        [
            block("", "make x|  y", "Guide/Run it"),
            block("bash", "make z", "Guide/Run it"),
            block("console", "$ a", "Guide/Run it")
        ]
    );
    assert_eq!(&text[document.inline[0].range.clone()], "make q");
}

#[test]
fn hostile_documents_end() {
    let many = "`".repeat(5000) + &"`a``b```".repeat(200);
    for format in [Format::Markdown, Format::AsciiDoc, Format::ReStructuredText] {
        for text in [
            "",
            "```",
            "----",
            "::",
            "\t",
            "- ",
            "1.",
            "é`",
            "```sh\r\nx\r\n```\r\n",
            ".. code::",
            "=\n=",
            "[",
            "[source",
            ">",
            &many,
        ] {
            parse(text, format);
        }
        parse(&"- `".repeat(100_000), format);
        parse(&"- \n".repeat(10_000), format);
    }
    assert_eq!(shown("```sh\r\nmake\r\n```\r\n", Format::Markdown), [block("sh", "make", "")]);
    assert_eq!(shown("```sh\nmake", Format::Markdown), [block("sh", "make", "")]);
}
