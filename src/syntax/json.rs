//! JSON (<https://www.rfc-editor.org/rfc/rfc8259>) with spans, through the same tree as YAML, of which it is a part.
//! Comments, trailing commas and tabs of JSONC (<https://jsonc.org/>) are tolerated.

use super::yaml::{Tree, parse_masked};
use crate::source::SourceFile;

/// Parse a file.
pub fn parse(file: &SourceFile) -> Tree {
    parse_masked(file.id, blank(&file.text))
}

/// Comments and tabs outside strings become blanks of the same length.
fn blank(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('"', _) => {
                out.push('"');
                string(&mut chars, &mut out);
            }
            ('/', Some('/')) => {
                out.push(' ');
                while let Some(c) = chars.next_if(|c| *c != '\n') {
                    blanks(c, &mut out);
                }
            }
            ('/', Some('*')) => {
                chars.next();
                out.push_str("  ");
                let mut before = ' ';
                for c in chars.by_ref() {
                    blanks(c, &mut out);
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            ('\t', _) => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}

fn string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>, out: &mut String) {
    while let Some(c) = chars.next() {
        out.push(c);
        match c {
            '\\' => out.extend(chars.next()),
            '"' | '\n' => return,
            _ => {}
        }
    }
}

fn blanks(c: char, out: &mut String) {
    if c == '\n' {
        out.push('\n');
    } else {
        out.extend(std::iter::repeat_n(' ', c.len_utf8()));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::source::FileId;

    fn file(text: &str) -> SourceFile {
        SourceFile::new(FileId(0), "x.json", text)
    }

    #[test]
    fn values_and_their_places_are_those_of_the_file() {
        let file = file("{\n\t\"scripts\": {\"build\": \"a \\u0026\\u0026 b\", \"x/y\": \"http://z\"},\n\t\"n\": [1, null]\n}\n");
        let tree = parse(&file);
        assert!(tree.diagnostics.is_empty(), "{:?}", tree.diagnostics);
        let build = tree.root().unwrap().at(&["scripts", "build"]).unwrap();
        assert_eq!(build.scalar(), Some("a && b"));
        let text = build.text().unwrap();
        let span = text.span(5..6);
        assert_eq!(&file.text[span.start as usize..span.end as usize], "b");
        assert_eq!(tree.root().unwrap().at(&["scripts", "x/y"]).unwrap().scalar(), Some("http://z"));
        assert!(tree.root().unwrap().get("n").unwrap().items()[1].is_null());
    }

    #[test]
    fn comments_and_trailing_commas_do_not_disturb() {
        let tree = parse(&file("// head é\n{ /**/ /* a \" */ \"a\": \"// no\", // tail\n  \"b\": [1, 2,],\n}\n"));
        assert!(tree.diagnostics.is_empty(), "{:?}", tree.diagnostics);
        let root = tree.root().unwrap();
        assert_eq!(root.get_str("a"), Some("// no"));
        assert_eq!(root.get("b").unwrap().texts(), ["1", "2"]);
    }
}
