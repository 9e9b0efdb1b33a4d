#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::source::FileId;

fn read(text: &str) -> Document {
    parse(&SourceFile::new(FileId(0), "main.tf", text))
}

fn shown(text: &str, span: Span) -> &str {
    &text[span.start as usize..span.end as usize]
}

#[test]
fn blocks_attributes_and_values_have_places() {
    let text =
        "terraform {\n  backend \"s3\" {}\n}\nlocals { env = \"prod\" }\nresource \"a\" b {\n  n = 3\n  r = aws_x.y[0].id\n}\n";
    let document = read(text);
    assert!(!document.partly());
    let blocks: Vec<_> = document.body.blocks.iter().map(|b| (b.kind.as_str(), b.labels.join("."))).collect();
    assert_eq!(blocks, [("terraform", String::new()), ("locals", String::new()), ("resource", "a.b".to_owned())]);
    assert_eq!(shown(text, document.body.blocks[1].span), "locals { env = \"prod\" }");
    let env = document.body.blocks[1].body.get("env").unwrap();
    assert_eq!((env.value.literal(), shown(text, env.span)), (Some("prod"), "env = \"prod\""));
    let resource = &document.body.blocks[2].body;
    assert_eq!(resource.text("n"), Some("3"));
    let reference: Vec<String> = ["aws_x", "y", "0", "id"].map(str::to_owned).to_vec();
    assert_eq!(resource.get("r").unwrap().value.kind, ValueKind::Reference(reference));
}

#[test]
fn templates_keep_the_way_back_to_the_file() {
    let text = "a = \"x\\ty-${var.env}$${z}\"\nb = <<-EOT\n    one ${path.module}\n      two\n  EOT\n";
    let document = read(text);
    let ValueKind::Template(a) = &document.body.attributes[0].value.kind else { panic!() };
    assert_eq!(a.text.text, "x\ty-${var.env}${z}");
    assert_eq!(a.holes[0].reference, ["var", "env"]);
    assert_eq!(shown(text, a.text.span(a.holes[0].range.clone())), "${var.env}");
    let at = a.text.text.rfind("${z}").unwrap();
    assert_eq!(shown(text, a.text.span(at..at + 4)), "$${z}");
    assert_eq!(a.filled(&|_| "dev".to_owned()), "x\ty-dev${z}");
    let ValueKind::Template(b) = &document.body.attributes[1].value.kind else { panic!() };
    assert_eq!(b.text.text, "one ${path.module}\n  two\n");
    let two = b.text.text.find("two").unwrap();
    assert_eq!(shown(text, b.text.span(two..two + 3)), "two");
    assert_eq!(shown(text, b.text.span(0..3)), "one");
}

#[test]
fn a_broken_block_costs_itself_only() {
    let text = "a {\n  x = \"}\" # {\n}\nb {\n  y = = 1\n}\n/* c { */\nd \"e\" {\n  s = <<X\n}{\nX\n}\n";
    let document = read(text);
    let kinds: Vec<_> = document.body.blocks.iter().map(|b| b.kind.as_str()).collect();
    assert_eq!(kinds, ["a", "d"]);
    assert_eq!(shown(text, document.body.blocks[1].span), &text[text.find("d \"e\"").unwrap()..text.len() - 1]);
    assert_eq!(document.diagnostics.len(), 1);
    let at = document.diagnostics[0].span.start as usize;
    assert!(text[..at].ends_with("y = "), "{at}");
}

#[test]
fn a_block_that_never_closes_ends_at_the_next_one() {
    let document = read("a {\n  x = 1\n\nb \"c\" {\n  y = 2\n}\nz = 1\n");
    assert_eq!(document.body.blocks.len(), 1);
    assert_eq!(document.body.blocks[0].label(0), "c");
    assert_eq!(document.body.attributes[0].name, "z");
    assert!(document.partly());
}

#[test]
fn hostile_files_end() {
    let hostile = [
        "[".repeat(50_000),
        "a {\n".repeat(50_000),
        "a = \"".to_owned() + &"${".repeat(50_000),
        "a = ".to_owned() + &"1 + ".repeat(50_000),
        "x = <<A\n".repeat(50_000),
        "<<A".repeat(50_000),
        "\u{feff}é = \"ü\\".to_owned(),
        "a = <<-\u{e9}T\n".to_owned(),
        "/*".repeat(10),
        "}".repeat(1000),
        "a = \"\\u00".to_owned(),
        "a.b = 1\r\nb = \"c\r\n\"\r\n".to_owned(),
    ];
    for text in hostile {
        let document = read(&text);
        assert!(document.partly(), "{text:.20}");
    }
    assert!(!read("").partly());
    assert!(!read("a = \"1\"\r\nb {\r\n}\r\n").partly());
}

#[test]
fn what_terraform_accepts_is_read() {
    let text = "a = {\n  x = 1\n  \"y z\" = 2\n  x = 3\n  \"y z\" = 4\n}\nb = { for k, v in c : k =>\n  v.d\n}\ne = 5\n";
    let document = read(text);
    assert!(!document.partly(), "{:?}", document.diagnostics);
    let ValueKind::Map(entries) = &document.body.attributes[0].value.kind else { panic!() };
    let entries: Vec<_> = entries.iter().map(|(k, v)| (k.as_str(), v.literal().unwrap(), shown(text, v.span))).collect();
    assert_eq!(entries, [("x", "1", "1"), ("y z", "2", "2"), ("x", "3", "3"), ("y z", "4", "4")]);
    assert_eq!(document.body.text("e"), Some("5"));
}
