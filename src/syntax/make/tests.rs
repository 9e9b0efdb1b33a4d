#![allow(clippy::unwrap_used, clippy::panic)]

use super::*;
use crate::source::FileId;

fn file(text: &str) -> SourceFile {
    SourceFile::new(FileId(0), "Makefile", text)
}

fn rules(make: &Makefile) -> Vec<&Rule> {
    make.statements
        .iter()
        .filter_map(|s| match &s.kind {
            Kind::Rule(rule) => Some(rule),
            _ => None,
        })
        .collect()
}

fn recipe<'a>(file: &'a SourceFile, rule: &Rule) -> Vec<&'a str> {
    rule.recipe.iter().map(|l| &file.text[l.range.clone()]).collect()
}

#[test]
fn a_rule_has_targets_prerequisites_and_recipe_lines_without_prefixes() {
    let f = file("a b: c \\\n  d | e # why\n\t@-docker build \\\n\t  .\n\n# note\n\techo '#'\nVAR := 1\n");
    let make = parse(&f);
    let rule = rules(&make)[0];
    assert_eq!(rule.targets, ["a", "b"]);
    assert_eq!(rule.prerequisites, ["c", "d", "e"]);
    assert_eq!(recipe(&f, rule), ["docker build \\\n\t  .", "echo '#'"]);
    assert!(rule.recipe[0].ignored && !rule.recipe[1].ignored);
}

#[test]
fn commands_after_a_semicolon_stand_at_their_own_bytes() {
    let f = file("x: y ; helm lint $(A;B)\nz:;@true");
    let make = parse(&f);
    assert_eq!(recipe(&f, rules(&make)[0]), ["helm lint $(A;B)"]);
    assert_eq!(rules(&make)[0].prerequisites, ["y"]);
    assert_eq!(recipe(&f, rules(&make)[1]), ["true"]);
}

#[test]
fn variables_keep_how_they_are_set() {
    let f = file("A=1\nB ?= x:y\nexport C += a \\\n  b\nD ::= 2\nE != date\nprod: ENV := p\ndefine T =\nl1\nl2\nendef\n");
    let make = parse(&f);
    let vars: Vec<(String, Assignment, String)> = make
        .statements
        .iter()
        .filter_map(|s| match &s.kind {
            Kind::Variable(v) => Some((v.name.clone(), v.how, v.value.clone())),
            _ => None,
        })
        .collect();
    let set = |n: &str, how, v: &str| (n.to_owned(), how, v.to_owned());
    assert_eq!(
        vars,
        [
            set("A", Assignment::Set, "1"),
            set("B", Assignment::Default, "x:y"),
            set("C", Assignment::Append, "a b"),
            set("D", Assignment::Set, "2"),
            set("E", Assignment::Shell, "date"),
            set("T", Assignment::Set, "l1\nl2"),
        ]
    );
    assert_eq!(rules(&make)[0].variables[0].value, "p");
}

#[test]
fn every_branch_of_a_conditional_is_read_with_its_condition() {
    let f = file("ifeq ($(E),prod)\nX = 1\nelse ifdef Y\nX = 2\nelse\nX = 3\nendif\nt:\nifneq \"a\" 'b'\n\tone\nendif\n\ttwo\n");
    let make = parse(&f);
    assert_eq!(make.statements[0].conditions.len(), 1);
    assert_eq!(make.statements[1].conditions[1].test, Test::Defined("Y".into()));
    assert!(make.statements[2].conditions.iter().all(|c| c.negated));
    let rule = rules(&make)[0];
    assert_eq!(recipe(&f, rule), ["one", "two"]);
    assert!(rule.recipe[0].conditions[0].negated && rule.recipe[1].conditions.is_empty());
}

#[test]
fn static_patterns_double_colons_and_includes_are_read() {
    let f = file("-include .env $(X).mk\n$(OBJS): %.o: %.c\n\tcc $<\nclean:: \n\trm x\n.ONESHELL:\n");
    let make = parse(&f);
    assert_eq!(make.statements[0].kind, Kind::Include(".env $(X).mk".into()));
    assert_eq!(rules(&make)[0].pattern.as_deref(), Some("%.o"));
    assert!(rules(&make)[1].double_colon && make.one_shell);
}

#[test]
fn carriage_returns_and_missing_ends_do_no_harm() {
    let f = file("a: b\r\n\tx \\\r\n\ty\r\nifeq ($(A\r\ndefine Z\r\nq");
    let make = parse(&f);
    assert_eq!(rules(&make)[0].prerequisites, ["b"]);
    assert_eq!(recipe(&f, rules(&make)[0]), ["x \\\r\n\ty"]);
    for text in ["", "\\", "\t", ":", "=", "a:\n\t", "$(", "else\nendif\nendif", "é: $é\n\t$(é"] {
        parse(&file(text));
    }
    parts(&"$(".repeat(100_000));
    parse(&file(&"ifeq (a,b)\nelse ifeq (c,d)\n".repeat(2000)));
}

#[test]
fn references_are_told_apart() {
    let found: Vec<Reference> = parts("$$X $(A) ${B_1} $(@D) $@ $(shell ls $(C)) $(A:.c=.o) $(V_$(E)) $")
        .into_iter()
        .filter_map(|p| p.reference)
        .collect();
    assert_eq!(
        found,
        [
            Reference::Dollar,
            Reference::Variable("A".into()),
            Reference::Variable("B_1".into()),
            Reference::Automatic('@', true),
            Reference::Automatic('@', false),
            Reference::Function("shell".into(), "ls $(C)".into()),
            Reference::Other("A:.c=.o".into()),
            Reference::Other("V_$(E)".into()),
        ]
    );
}
