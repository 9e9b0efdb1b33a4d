#![allow(clippy::unwrap_used)]
use super::*;
use proptest::prelude::*;

fn file(text: &str) -> SourceFile {
    SourceFile::new(FileId(0), "x.yml", text)
}

fn cut(file: &SourceFile, span: Span) -> &str {
    &file.text[span.start as usize..span.end as usize]
}

/// Every byte of a decoded character that is no white space comes from the same character, or from its escape.
fn assert_maps(source: &str, text: &Text) {
    for (at, c) in text.text.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        let span = text.span(at..at + c.len_utf8());
        let written = &source[span.start as usize..span.end as usize];
        let escape = written.len() > c.len_utf8() && (written.starts_with('\\') || written == "''");
        assert!(written.chars().eq([c]) || escape, "{c:?} at {at} of {:?} maps to {written:?}", text.text);
    }
}

#[test]
fn keys_are_strings_as_written_and_nulls_are_told_from_texts() {
    let file = file("on: push\nyes: ~\n3.10: ''\nnone:\n");
    let tree = parse(&file);
    let root = tree.root().unwrap();
    assert_eq!(root.entries().iter().map(Entry::name).collect::<Vec<_>>(), ["on", "yes", "3.10", "none"]);
    assert!(root.get("yes").unwrap().is_null() && root.get("none").unwrap().is_null());
    assert_eq!(root.get_str("3.10"), Some(""));
    assert_eq!(cut(&file, root.entry_span("none").unwrap()), "none:");
}

#[test]
fn an_item_goes_from_its_dash_to_its_last_key() {
    let text = "steps:\n  - uses: a/b@v1 # x\n    with:\n      k: |\n        v\n\n  # between\n  - # note\n    run: x\n  -\n  - &d !t\n    y\n";
    let file = file(text);
    let tree = parse(&file);
    let items = tree.root().unwrap().get("steps").unwrap().items();
    let cuts: Vec<&str> = items.iter().map(|i| cut(&file, i.item_span())).collect();
    assert_eq!(cuts[0], "- uses: a/b@v1 # x\n    with:\n      k: |\n        v");
    assert_eq!(cuts[1], "- # note\n    run: x");
    assert_eq!(cuts[2], "-");
    assert_eq!(cuts[3], "- &d !t\n    y");
    assert_eq!(cut(&file, items[0].entry_span("with").unwrap()), "with:\n      k: |\n        v");
    assert_eq!(items[3].tag(), Some("!t"));
}

#[test]
fn aliases_and_merges_are_followed_and_explicit_keys_win() {
    let text = "a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc:\n  <<: [*a, *b]\n  x: 3\nd:\n  <<: *a\n  <<: *b\nl:\n  - &i\n    k: v\nm:\n  - *i\ne: *gone\n";
    let file = file(text);
    let tree = parse(&file);
    let root = tree.root().unwrap();
    let c = root.get("c").unwrap();
    assert_eq!((c.get_str("x"), c.get_str("y"), c.get_str("z")), (Some("3"), Some("1"), Some("2")));
    assert_eq!(c.entries().iter().map(Entry::name).collect::<Vec<_>>(), ["x", "y", "z"]);
    assert_eq!(root.at(&["d", "z"]).unwrap().scalar(), Some("2"));
    let item = root.get("m").unwrap().items()[0];
    assert_eq!(cut(&file, item.item_span()), "- &i\n    k: v");
    assert_eq!(cut(&file, item.own_span()), "*i");
    assert!(root.get("e").unwrap().is_null());
    assert_eq!(tree.diagnostics.len(), 1);
}

#[test]
fn of_equal_keys_the_last_counts_with_a_warning() {
    let file = file("a: 1\nb: 2\na: 3\n");
    let tree = parse(&file);
    assert_eq!(tree.root().unwrap().get_str("a"), Some("3"));
    assert_eq!(tree.root().unwrap().entries().len(), 2);
    assert_eq!(tree.diagnostics[0].span, Span::new(FileId(0), 10, 11));
    assert!(!tree.partly);
}

#[test]
fn a_broken_document_costs_its_rest_only() {
    let file = file("a: 1\nb: [1, 2\nc: {\n---\nd: 4\n---\ne: \"\n");
    let tree = parse(&file);
    let roots: Vec<Node> = tree.documents().collect();
    assert_eq!(roots[0].get_str("a"), Some("1"));
    assert_eq!(roots[1].get_str("d"), Some("4"));
    assert!(tree.partly);
    assert_eq!(file.place(tree.diagnostics[0].span.start).line, 3);
}

fn count(node: Node) -> usize {
    1 + node.items().into_iter().map(count).sum::<usize>()
}

#[test]
fn hostile_input_is_refused_or_bounded() {
    let deep = format!("{}a", "[".repeat(10_000));
    assert!(parse(&file(&deep)).partly);
    let blocks: Vec<String> = (0..500).map(|i| format!("{}a:\n", " ".repeat(i))).collect();
    assert!(parse(&file(&blocks.concat())).partly);
    let levels: Vec<String> = (1..60).map(|i| format!("a{i}: &a{i} [*a{0}, *a{0}]\n", i - 1)).collect();
    let laughs = format!("a0: &a0 [x, x]\n{}m: &m\n  <<: [*m, *m]\n", levels.concat());
    let tree = parse(&file(&laughs));
    let root = tree.root().unwrap();
    assert!(count(root.get("a59").unwrap()) < 500_000);
    assert!(root.get("m").unwrap().get("x").is_none());
}

#[test]
fn line_ends_of_windows_leave_no_trace() {
    let file = file("run: |\r\n  a\r\n  b\r\nx: 'c\r\n  d'\r\ny: >-\r\n  e\r\n  f\r\n# g\r\n");
    let tree = parse(&file);
    let root = tree.root().unwrap();
    assert_eq!((root.get_str("run"), root.get_str("x"), root.get_str("y")), (Some("a\nb\n"), Some("c d"), Some("e f")));
    for key in ["run", "x", "y"] {
        assert_maps(&file.text, &root.get(key).unwrap().text().unwrap());
    }
    assert_eq!(tree.comments[0].text, " g");
}

#[test]
fn offsets_lead_back_from_every_style() {
    let text = concat!(
        "lit: |2- # note\n\n   \n    a 'q'\n  b\n\n\n",
        "keep: |+\n  a\n\n\n",
        "fold: >\n  a b\n  c\n\n\n  d\n   e\n   f\n\n  g\n",
        "single: 'it''s\n  x\n\n  y'\n",
        "double: \"a\\tb \\\n   c\\u00e9 \\x41\n\n   \\U0001F600 \\uD83D\\uDE00 \\\"d\\\"\"\n",
        "plain: a 'b\n  c\\d # no\n",
        "flow: [a b, \"c\", {d: e f}]\n",
    );
    let file = file(text);
    let tree = parse(&file);
    assert!(tree.diagnostics.is_empty(), "{:?}", tree.diagnostics);
    let root = tree.root().unwrap();
    let texts = |key: &str| root.get(key).unwrap().text().unwrap();
    assert_eq!(texts("lit").text, "\n \n  a 'q'\nb");
    assert_eq!(texts("keep").text, "a\n\n\n");
    assert_eq!(texts("fold").text, "a b c\n\nd\n e\n f\n\ng\n");
    assert_eq!(texts("double").text, "a\tb cé A\n😀 😀 \"d\"");
    for key in ["lit", "keep", "fold", "single", "double", "plain"] {
        assert_maps(text, &texts(key));
    }
    let b = texts("lit").text.find('b').unwrap();
    assert_eq!(file.place(texts("lit").span(b..b + 1).start).line, 5);
    assert_eq!(cut(&file, root.get("lit").unwrap().span()), "|2- # note\n\n   \n    a 'q'\n  b");
}

#[test]
fn embedded_yaml_points_at_the_file() {
    let outer = file("run: |\n  cat <<E\n  kind: Service\n  E\n");
    let tree = parse(&outer);
    let script = tree.root().unwrap().get("run").unwrap().text().unwrap();
    let inner = script.slice(8..22);
    let embedded = parse_embedded(&inner);
    let kind = embedded.root().unwrap().get("kind").unwrap();
    assert_eq!(cut(&outer, kind.span()), "Service");
    assert_eq!(cut(&outer, kind.text().unwrap().span(0..7)), "Service");
}

/// A text written in a style as the value of a key, or `None` where the style cannot say it.
fn write(text: &str, style: usize, step: usize, newline: &str) -> Option<String> {
    let pad = " ".repeat(step);
    let lines: Vec<&str> = text.split('\n').collect();
    let broken = |sep: &str| lines.join(sep);
    let body = match style {
        0 | 1 => {
            let indicator = if lines.iter().find(|l| !l.is_empty()).is_some_and(|l| l.starts_with(' ')) {
                (step - 2).to_string()
            } else {
                String::new()
            };
            let mark = if style == 0 { '|' } else { '>' };
            let mut out = format!("{mark}{indicator}+\n");
            let mut before_plain = false;
            for line in text.strip_suffix('\n')?.split('\n') {
                let plain = !line.is_empty() && !line.starts_with([' ', '\t']);
                // Between two lines of a folded scalar a line break needs an empty line.
                if style == 1 && plain && before_plain {
                    out.push('\n');
                }
                if !line.is_empty() {
                    out.push_str(&pad);
                    out.push_str(line);
                    before_plain = plain;
                }
                out.push('\n');
            }
            if style == 1 && text.contains("\n\n") {
                return None;
            }
            out
        }
        2 => format!("'{}'", broken(&format!("\n\n{pad}")).replace('\'', "''")),
        3 => format!(
            "\"{}\"",
            text.replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n")
                .replace('é', "\\u00e9")
                .replace('😀', "\\uD83D\\uDE00")
                .replace("  ", &format!(" \\\n{pad}\\ "))
        ),
        _ => broken(&format!("\n\n{pad}")),
    };
    let ends = |l: &&str| l.starts_with([' ', '\t']) || l.ends_with([' ', '\t']);
    let folds_lossily =
        lines.len() > 1 && lines.iter().any(ends) || text.contains("\n\n") || text.starts_with('\n') || text.ends_with('\n');
    if (style == 2 || style > 3) && folds_lossily {
        return None;
    }
    let first = text.chars().next()?;
    let awkward = text.contains(": ")
        || text.contains(" #")
        || text.ends_with(':')
        || text.ends_with(' ')
        || text.contains(":\n")
        || text.contains("\n#");
    if style > 3 && (!first.is_alphabetic() || awkward) {
        return None;
    }
    Some(format!("k:\n  v: {body}\nz: 1\n").replace('\n', newline))
}

proptest! {
    #[test]
    fn a_text_in_any_style_reads_back_with_its_offsets(
        text in "[a-c'\"\\\\:#é😀 \\-]{1,8}([ \n]{1,2}[a-c'\"\\\\:#é😀 ]{1,6}){0,4}\n?",
        style in 0usize..5,
        step in 3usize..6,
        windows in any::<bool>(),
    ) {
        let newline = if windows { "\r\n" } else { "\n" };
        if let Some(source) = write(&text, style, step, newline) {
            let file = file(&source);
            let tree = parse(&file);
            prop_assert!(tree.diagnostics.is_empty(), "{:?} in {:?}", tree.diagnostics, source);
            let decoded = tree.root().unwrap().at(&["k", "v"]).unwrap().text().unwrap();
            prop_assert_eq!(decoded.text.trim_end_matches('\n'), text.trim_end_matches('\n'), "{:?}", source);
            assert_maps(&source, &decoded);
        }
    }

    #[test]
    fn no_input_makes_it_panic(text in "[a:\\-\n \t\"'|>&*\\[{,}\\]#!?<\r%]{0,40}") {
        let file = file(&text);
        let tree = parse(&file);
        for root in tree.documents() {
            for entry in root.entries() {
                let _ = (entry.span(), entry.value.text(), entry.value.item_span());
            }
        }
    }
}
