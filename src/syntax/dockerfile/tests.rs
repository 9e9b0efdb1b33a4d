#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::source::{FileId, Span};

fn read(text: &str) -> (SourceFile, Dockerfile) {
    let file = SourceFile::new(FileId(0), "Dockerfile", text);
    let out = parse(&file);
    (file, out)
}

fn runs(out: &Dockerfile) -> Vec<&Text> {
    out.instructions.iter().filter_map(|i| if let Kind::Run(texts) = &i.kind { Some(texts) } else { None }).flatten().collect()
}

/// Lines of the file where a part of a text stands.
fn lines(file: &SourceFile, text: &Text, part: &str) -> (u32, u32) {
    let at = text.text.find(part).unwrap();
    file.line_range(text.span(at..at + part.len()))
}

#[test]
fn stages_variables_and_facts_are_read() {
    let (_, out) = read(
        "ARG V=3\nFROM --platform=$P reg:5000/node:$V AS build\nENV A=1 B=\"x y\" \\\n  C='z'\nENV OLD two words\nUSER app:grp\nCOPY --from=build /a /b\ncopy a b ./\nHEALTHCHECK --interval=5s CMD curl -f localhost\nHEALTHCHECK NONE\nENTRYPOINT [\"node\", \"x y.js\"]\nCMD npm start\n",
    );
    let shown: Vec<String> = out.instructions.iter().map(|i| format!("{:?}", i.kind)).collect();
    assert!(out.faults.is_empty());
    assert_eq!(shown[0], r#"Arg([("V", Some("3"))])"#);
    assert!(shown[1].starts_with(r#"From { image: "reg:5000/node:$V""#) && shown[1].ends_with(r#"alias: Some("build") }"#));
    assert_eq!(shown[2], r#"Env([("A", "1"), ("B", "x y"), ("C", "z")])"#);
    assert_eq!(shown[3], r#"Env([("OLD", "two words")])"#);
    assert_eq!(shown[4], r#"User("app")"#);
    assert_eq!(shown[5], r#"Copy { from: Some("build"), sources: ["/a"] }"#);
    assert_eq!(shown[6], r#"Copy { from: None, sources: ["a", "b"] }"#);
    assert_eq!(shown[7..9], ["Healthcheck(true)", "Healthcheck(false)"]);
    let starts: Vec<&str> = out
        .instructions
        .iter()
        .filter_map(|i| match &i.kind {
            Kind::Entrypoint(text) | Kind::Cmd(text) => text.as_ref().map(|t| t.text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(starts, ["node 'x y.js'", "npm start"]);
}

#[test]
fn continuations_keep_their_lines_over_comments_and_empty_lines() {
    let (file, out) = read("FROM a\nRUN apt-get update \\\n    # why\n    && npm ci \\  \n\n    && npm run build\r\nRUN x");
    let runs = runs(&out);
    assert_eq!(lines(&file, runs[0], "npm ci"), (4, 4));
    assert_eq!(lines(&file, runs[0], "npm run build"), (6, 6));
    assert!(!runs[0].text.contains('#') && !runs[0].text.contains("\n\n"));
    assert_eq!(runs[0].text.matches("\\\n").count(), 2);
    assert_eq!(runs[1].text.trim(), "x");
}

#[test]
fn here_documents_are_scripts_where_a_shell_reads_them() {
    let (file, out) = read(
        "FROM a\nRUN <<EOT\nset -e\nmake\nEOT\nRUN <<-'E' bash -x\n\tgo build\nE\nRUN python3 <<P\nprint(1)\nP\nRUN --mount=type=cache,target=/x pip install -r r.txt\n",
    );
    let runs = runs(&out);
    assert_eq!(runs[0].text, "set -e\nmake\n");
    assert_eq!(lines(&file, runs[0], "make"), (4, 4));
    assert_eq!(runs[1].text.trim(), "go build");
    assert!(runs[2].text.starts_with("python3 <<P\nprint(1)"));
    assert_eq!(runs[3].text, "pip install -r r.txt");
}

#[test]
fn the_exec_form_becomes_shell_words() {
    let (file, out) = read("FROM a\nRUN [\"sh\", \"-c\", \\\n  \"npm test && echo it's\"]\n");
    let run = runs(&out)[0].clone();
    assert_eq!(run.text, r"sh -c 'npm test && echo it'\''s'");
    assert_eq!(lines(&file, &run, "npm test"), (3, 3));
}

#[test]
fn another_escape_character_joins_lines() {
    let (_, out) = read("# escape=`\nFROM a\nRUN dir `\n  && go build C:\\x\n");
    assert_eq!(runs(&out)[0].text, "dir \\\n  && go build C:\\x");
}

#[test]
fn what_cannot_be_read_does_not_hide_the_rest() {
    let (_, out) = read("FROM a\nNOTHING here\nRUN make\n");
    assert!(!out.faults.is_empty());
    assert_eq!(runs(&out).len(), 1);
    for text in ["", "\u{0}", "FROM", "RUN <<E\nx", "RUN [\"a", "RUN a \\", "ENV A=\"", "COPY", "é", "FROM a\r\nRUN b \\\r\n c"]
    {
        let (file, out) = read(text);
        for one in &out.instructions {
            assert!(file.whole().contains(Span::new(file.id, one.span.start, one.span.end)));
        }
    }
}
