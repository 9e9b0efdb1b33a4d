//! Scripts and the items they become, written one item a line.

#![allow(clippy::unwrap_used, clippy::panic)]

mod hostile;
mod inside;
mod items;
mod lines;

use super::{Dialect, Masked, Shell, items as read};
use crate::catalogue::Catalogue;
use crate::model::{Block, Expr, Item, Logic, Program, Test, Wrapper};
use crate::source::{FileId, SourceFile, Text};

/// An expression, short.
fn expr(e: &Expr) -> String {
    let all = |parts: &[Expr], joint: &str| parts.iter().map(expr).collect::<Vec<_>>().join(joint);
    match e {
        Expr::Lit(t) => t.clone(),
        Expr::Var(n) => format!("<{n}>"),
        Expr::Concat(parts) => all(parts, ""),
        Expr::Json(e) => format!("json {}", expr(e)),
        Expr::Not(e) => format!("!({})", expr(e)),
        Expr::And(parts) => format!("({})", all(parts, " & ")),
        Expr::Or(parts) => format!("({})", all(parts, " | ")),
        Expr::Compare(test, a, b) => {
            let sign = if *test == Test::Equals { "=".to_owned() } else { format!("{test:?}").to_lowercase() };
            format!("{} {sign} {}", expr(a), expr(b))
        }
        Expr::Default(a, b) => format!("{}?{}", expr(a), expr(b)),
        Expr::Unknown(t) => format!("?[{t}]"),
        Expr::Status(s) => format!("{s:?}"),
    }
}

fn flags(l: Logic) -> String {
    let all = [
        (l.in_loop, "loop"),
        (l.polling, "polling"),
        (l.conditional, "if"),
        (l.is_condition, "condition"),
        (l.piped_in, "<|"),
        (l.piped_out, "|>"),
        (l.captured, "captured"),
        (l.fallback, "fallback"),
        (l.ignored, "ignored"),
        (l.background, "&"),
    ];
    all.iter().filter(|(on, _)| *on).map(|(_, name)| format!(" {name}")).collect()
}

fn wrapper(w: &Wrapper) -> String {
    match w {
        Wrapper::Plain(name) => name.clone(),
        Wrapper::Remote(e) => format!("@{}", expr(e)),
        Wrapper::Container(e) => format!("image {}", expr(e)),
        Wrapper::ComposeService(e) => format!("service {}", expr(e)),
        Wrapper::Pod(e) => format!("pod {}", expr(e)),
    }
}

fn block(b: &Block) -> String {
    let when = if b.when.is_always() { String::new() } else { format!(" when {}", expr(&b.when)) };
    let each = b.each.as_ref().map_or_else(String::new, |(name, values)| {
        format!(" each {name} in {}", values.iter().map(expr).collect::<Vec<_>>().join(","))
    });
    format!("{:?}{when}{each}", b.kind)
}

/// `LINES words` of every command, the others by name; what is in blocks is indented.
fn render(items: &[Item], file: &SourceFile, depth: usize, out: &mut Vec<String>) {
    let pad = "  ".repeat(depth);
    for item in items {
        let line = match item {
            Item::Command(c) => {
                let (first, last) = file.line_range(c.span);
                let lines = if first == last { first.to_string() } else { format!("{first}-{last}") };
                let assigns: String = c.assigns.iter().map(|(n, v)| format!(" {n}={}", expr(v))).collect();
                let around: String = c.wrappers.iter().map(|w| format!(" [{}]", wrapper(w))).collect();
                let words = c.words.iter().map(expr).collect::<Vec<_>>().join(" ");
                assert_eq!(c.words.len(), c.word_spans.len());
                format!("{lines}{assigns}{around} {words}{}", flags(c.logic).replace(' ', " #"))
            }
            Item::Block(b) => {
                out.push(format!("{pad}{}", block(b)));
                render(&b.items, file, depth + 1, out);
                continue;
            }
            Item::Assign { name, value } => format!("{name} := {}", expr(value)),
            Item::Output { name, value } => format!("output {name} := {}", expr(value)),
            Item::Chdir(e) => format!("cd {}", expr(e)),
            Item::Pushd(e) => format!("pushd {}", expr(e)),
            Item::Popd => "popd".to_owned(),
            Item::Source { path, .. } => format!("source {}", expr(path)),
            Item::Unknown { why, .. } => format!("unknown: {why}"),
            other => format!("{other:?}"),
        };
        out.push(format!("{pad}{line}"));
    }
}

fn read_with(script: &str, dialect: Dialect) -> (Vec<String>, Program, super::Script) {
    let file = SourceFile::new(FileId(0), "x.sh", script);
    let text = Text::verbatim(FileId(0), script, 0);
    let mut program = Program::default();
    let shell = Shell { dialect, ..Shell::new(Catalogue::embedded()) };
    let script = read(&text, &shell, &mut program);
    let mut out = Vec::new();
    render(&script.items, &file, 0, &mut out);
    (out, program, script)
}

/// The script must become exactly these items.
#[track_caller]
fn check(script: &str, expected: &[&str]) {
    let (got, _, _) = read_with(script, Dialect::Posix);
    assert_eq!(got, expected, "{script}");
}

fn masked(range: std::ops::Range<usize>, name: &str) -> Masked {
    Masked { range, expr: Expr::Var(name.to_owned()) }
}

fn file(script: &str) -> SourceFile {
    SourceFile::new(FileId(0), "x.sh", script)
}

#[test]
fn an_expression_after_a_variable_is_no_part_of_its_name() {
    let script = file("docker push $IMAGE${{ x }}:1\n");
    let text = Text::verbatim(script.id, script.text.as_str(), 0);
    let (text, kept) = super::mask(&text, vec![masked(18..26, "suffix")]);
    assert!(text.text.starts_with("docker push $IMAGE.") && text.text.len() == script.text.len());
    assert_eq!(kept.len(), 1);
}
